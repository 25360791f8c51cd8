"""A brute-force oracle for RBAC: it lists every verb on every resource of every namespace, and builds sets of what is allowed."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

from gonogo.cluster.rbac import Account, Binding, Request, Role, RoleRef, allows, grants_of
from gonogo.model.value import Unknown

NAMESPACES = ("one", "two")
VERBS, GROUPS = ("get", "list", "create", "escalate"), ("", "apps")
RESOURCES = ("pods", "pods/exec", "pods/log", "secrets", "deployments", "deployments/scale")
NAMES = ("", "a", "b")
WORLDS = 400


class World:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.roles = {(ns, name): self.role(ns, name) for ns in ("", *NAMESPACES) for name in ("r1", "r2", "r3")}
        self.bindings = [self.binding(number) for number in range(self.random.randint(1, 5))]
        self.account = Account(self.random.choice(NAMESPACES), self.random.choice(("x", "y")))

    def some(self, values: tuple[str, ...]) -> list[str]:
        return self.random.sample(values, self.random.randint(1, 2))

    def rule(self) -> dict[str, Any]:
        rule: dict[str, Any] = {
            "verbs": self.some((*VERBS, "*")), "apiGroups": self.some((*GROUPS, "*")), "resources": self.some((*RESOURCES, "*", "*/scale", "pods/*")),
        }  # fmt: skip
        return rule | ({"resourceNames": self.some(("a", "b"))} if self.random.random() < 0.2 else {})

    def role(self, namespace: str, name: str) -> Role:
        labels = {"to": self.random.choice(("r1", "r2"))} if not namespace else None
        selectors = [{"matchLabels": {"to": name}}] if not namespace and self.random.random() < 0.3 else None
        return Role(namespace, name, [self.rule() for _ in range(self.random.randint(0, 3))], labels, selectors)

    def binding(self, number: int) -> Binding:
        namespace = self.random.choice(("", *NAMESPACES))
        kind = "ClusterRole" if not namespace or self.random.random() < 0.5 else "Role"
        return Binding(namespace, f"b{number}", RoleRef(kind, self.random.choice(("r1", "r2", "r3"))), [self.subject() for _ in range(self.random.randint(0, 2))])

    def subject(self) -> dict[str, Any]:
        kind = self.random.choice(("ServiceAccount", "Group", "User"))
        if kind == "ServiceAccount":
            return {"kind": kind, "name": self.random.choice(("x", "y")), "namespace": self.random.choice(NAMESPACES)}
        names = {
            "Group": ("system:serviceaccounts", "system:serviceaccounts:one", "system:authenticated", "system:masters"),
            "User": ("system:serviceaccount:one:x", "x"),
        }[kind]  # fmt: skip
        return {"kind": kind, "name": self.random.choice(names)}


def rules(world: World, role: Role, seen: tuple[str, ...] = ()) -> list[Any]:
    """The oracle's own aggregation."""
    if role.aggregation is None:
        return list(role.rules)  # type: ignore[arg-type]
    wanted: Any = role.aggregation[0]["matchLabels"]["to"]  # type: ignore[index,call-overload]
    chosen = [r for (ns, name), r in world.roles.items() if not ns and name != role.name and name not in seen and r.labels == {"to": wanted}]
    return [rule for other in chosen for rule in rules(world, other, (*seen, role.name))]


def allowed(world: World) -> set[tuple[str, str, str, str, str]]:
    """(namespace, verb, group, resource, name) of all that is allowed."""
    account = world.account
    mine = {
        f"User/system:serviceaccount:{account.namespace}:{account.name}", "Group/system:serviceaccounts",
        f"Group/system:serviceaccounts:{account.namespace}", "Group/system:authenticated",
    }  # fmt: skip
    found: set[tuple[str, str, str, str, str]] = set()
    for binding in world.bindings:
        subjects: Any = binding.subjects
        if not any((s["name"], s.get("namespace")) == (account.name, account.namespace) if s["kind"] == "ServiceAccount" else f"{s['kind']}/{s['name']}" in mine for s in subjects):
            continue
        role = world.roles["" if binding.role.kind == "ClusterRole" else binding.namespace, str(binding.role.name)]
        for rule in rules(world, role):
            verbs = VERBS if "*" in rule["verbs"] else rule["verbs"]
            groups = GROUPS if "*" in rule["apiGroups"] else rule["apiGroups"]
            resources = set(RESOURCES) if "*" in rule["resources"] else set(rule["resources"]) & set(RESOURCES)
            resources |= {"deployments/scale"} if "*/scale" in rule["resources"] else set()
            names = rule.get("resourceNames", NAMES)
            found |= set(product((binding.namespace,) if binding.namespace else NAMESPACES, verbs, groups, resources, names))
    return found


def test_every_request_is_as_the_oracle_lists_it() -> None:
    asked = granted = 0
    for seed in range(WORLDS):
        world = World(seed)
        expected = allowed(world)
        clusters = [r for (ns, _), r in world.roles.items() if not ns]
        grants = grants_of(world.account, world.bindings, lambda ns, name, w=world: [w.roles[ns, name]] if (ns, name) in w.roles else [], clusters)  # type: ignore[misc]
        for namespace, verb, group, resource, name in world.random.sample(list(product(NAMESPACES, VERBS, GROUPS, RESOURCES, NAMES)), 60):
            plain, _, sub = resource.partition("/")
            found = allows(grants, Request(verb, group, plain, namespace, sub, name))
            assert found is ((namespace, verb, group, resource, name) in expected), (seed, namespace, verb, group, resource, name)
            asked, granted = asked + 1, granted + (found is True)
    assert asked > 10_000
    assert 1_000 < granted < asked


def test_what_is_decided_without_a_verb_holds_whatever_it_is() -> None:
    for seed in range(WORLDS):
        world = World(seed)
        clusters = [r for (ns, _), r in world.roles.items() if not ns]
        key = world.random.choice(list(world.roles))
        role = world.roles[key]
        if not role.rules:
            continue
        part = world.random.choice(("verbs", "apiGroups", "resources"))
        written: Any = role.rules
        blurred = [{**rule, part: [Unknown.because("hidden"), *rule[part][1:]]} for rule in written]
        hidden = {**world.roles, key: Role(role.namespace, role.name, blurred, role.labels, role.aggregation)}
        known = grants_of(world.account, world.bindings, lambda ns, name, w=world: [w.roles[ns, name]] if (ns, name) in w.roles else [], clusters)  # type: ignore[misc]
        without = grants_of(
            world.account, world.bindings, lambda ns, name, h=hidden: [h[ns, name]] if (ns, name) in h else [], [r for (ns, _), r in hidden.items() if not ns]  # type: ignore[misc]
        )
        for namespace, verb, group, resource, name in world.random.sample(list(product(NAMESPACES, VERBS, GROUPS, RESOURCES, NAMES)), 20):
            plain, _, sub = resource.partition("/")
            request = Request(verb, group, plain, namespace, sub, name)
            answer = allows(without, request)
            if not isinstance(answer, Unknown):
                assert answer is allows(known, request), (seed, request)
