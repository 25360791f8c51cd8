"""Which metrics a dashboard reads."""

from __future__ import annotations

import pytest

from gonogo.kinds.dashboard_metrics import metrics_of, series
from gonogo.model.value import OpenList, Unknown, Value


@pytest.mark.parametrize(
    ("query", "custom", "prometheus"),
    [
        ({"filter": 'metric.type="custom.googleapis.com/shop/orders" resource.type="global"'}, ["custom.googleapis.com/shop/orders"], None),
        ({"filter": 'metric.type="run.googleapis.com/request_count"'}, [], None),
        ({"expr": 'sum by (code) (rate(shop_orders_total{job="shop", code!="500"}[5m])) / 2'}, [], ["shop_orders"]),
        ({"prometheusQuery": "logging_googleapis_com:user_refunds"}, ["logging_googleapis_com:user_refunds"], None),
        ({"expr": 'histogram_quantile(0.99, sum(rate(latency_seconds_bucket[1m])) by (le))'}, [], ["latency_seconds"]),
        ({"title": "custom.googleapis.com/shop/orders", "content": "shop_orders_total"}, [], []),
    ],
)
def test_only_queries_are_asked(query: Value, custom: list[str], prometheus: list[str] | None) -> None:
    found = metrics_of({"panels": [{"targets": [query]}]})
    assert found.custom == custom
    if prometheus is not None:
        assert found.prometheus == prometheus


def test_an_unknown_query_leaves_the_lists_open() -> None:
    found = metrics_of({"widgets": [Unknown.because("a variable"), {"filter": 'metric.type="custom.googleapis.com/a"'}]})
    assert isinstance(found.custom, OpenList)
    assert list(found.custom) == ["custom.googleapis.com/a"]


def test_a_series_is_named_as_code_defines_it() -> None:
    assert [series(n) for n in ("orders_total", "orders.placed", "latency_bucket", "orders")] == ["orders", "orders_placed", "latency", "orders"]
