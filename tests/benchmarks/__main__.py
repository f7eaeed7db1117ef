"""All benchmarks, one after the other: `make bench`."""

from tests.benchmarks import bench_prov, bench_store

bench_store.main()
bench_prov.main()
