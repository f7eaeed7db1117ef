"""All benchmarks, one after the other: `make bench`."""

from tests.benchmarks import (
    bench_board,
    bench_constraints,
    bench_lineage,
    bench_load,
    bench_pictures,
    bench_prov,
    bench_questions,
    bench_search,
    bench_store,
    bench_submit,
    bench_validity,
    bench_verify,
)

bench_store.main()
bench_submit.main()
bench_verify.main()
bench_load.main()
bench_prov.main()
bench_constraints.main()
bench_validity.main()
bench_lineage.main()
bench_questions.main()
bench_search.main()
bench_pictures.main()
bench_board.main()
