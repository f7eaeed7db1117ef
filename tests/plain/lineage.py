"""Where things come from, in plain Python."""

from tests.plain.world import Rows, World, answers


@answers("where-did-this-come-from", 1)
def _(w: World, thing: str) -> Rows:
    return [(thing, one, w.kind(one), w.label(one)) for one in w.reach(thing)]


@answers("what-depends-on-this", 1)
def _(w: World, thing: str) -> Rows:
    return [(thing, one, w.kind(one), w.label(one)) for one in w.reach(thing, down=True)]


@answers("who-touched-this", 1, 3, 4)
def _(w: World, thing: str) -> Rows:
    reached = w.reach(thing)
    for activity, agent in w.pairs("wasAssociatedWith"):
        for role in w.roles[(activity, agent)] or [None] if activity in reached else ():
            yield thing, agent, w.label(agent), activity, role


@answers("what-lies-between", 2)
def _(w: World, thing: str, source: str) -> Rows:
    shared = w.reach(thing) & w.reach(source, down=True) - {thing, source}
    return [(thing, source, one, w.kind(one), w.label(one)) for one in shared]


@answers("what-they-have-in-common", 2)
def _(w: World, thing: str, other: str) -> Rows:
    shared = w.reach(thing) & w.reach(other)
    return [(thing, other, one, w.kind(one), w.label(one)) for one in shared]


@answers("what-it-all-began-with", 1)
def _(w: World, thing: str) -> Rows:
    return [(thing, o, w.kind(o), w.label(o)) for o in w.reach(thing) if not w.reach(o)]


@answers("who-delivered-this", 1)
def _(w: World, thing: str) -> Rows:
    reached = w.reach(thing)
    for one in w.of("submission"):
        if one.iri in reached:
            name, dataset = w.label(one.person), one.answers["dataset"]
            yield thing, one.ingest, dataset, one.person, name, one.organisation, one.ended


@answers("what-is-next-to-this", 1, 2, 3)
def _(w: World, thing: str) -> Rows:
    for relation, pairs in w.ends.items():
        for source, target in pairs:
            for here, way, other in ((source, "to", target), (target, "from", source)):
                if here == thing:
                    yield thing, way, relation, other, w.kind(other), w.label(other)
