"""The words around a figure: comparisons and units in the languages of the aliases, all folded to one spelling when they are read."""

from __future__ import annotations

BEFORE: dict[str, tuple[str, ...]] = {
    ">=": (
        ">=", "≥", "=>", "⩾", "at least", "no less than", "no fewer than", "minimum of", "최소", "최소한", "至少", "不低于", "不少于", "大于等于", "大于或等于", "最少", "少なくとも", "最低",
        "al menos", "como mínimo", "por lo menos", "mínimo de", "no menos de", "pelo menos", "no mínimo", "ao menos", "mindestens", "wenigstens",
        "au moins", "au minimum", "не менее", "не меньше", "минимум", "как минимум", "от", "ít nhất", "tối thiểu", "không dưới",
    ),
    "<=": (
        "<=", "≤", "=<", "⩽", "at most", "up to", "no more than", "maximum of", "최대", "不超过", "最多", "小于等于", "小于或等于", "不高于", "不大于", "最大",
        "hasta", "como máximo", "no más de", "a lo sumo", "máximo de", "no máximo", "até", "höchstens", "maximal", "bis zu", "au plus", "au maximum", "jusqu'à",
        "не более", "не больше", "не выше", "максимум", "до", "không quá", "tối đa", "nhiều nhất",
    ),
    ">": (
        ">", "more than", "over", "above", "greater than", "大于", "超过", "高于", "多于",
        "más de", "superior a", "mayor que", "mayor a", "por encima de", "mais de", "acima de", "maior que", "mehr als", "über", "größer als", "plus de", "supérieur à", "supérieure à",
        "более", "больше", "свыше", "выше", "trên", "hơn", "lớn hơn", "nhiều hơn",
    ),
    "<": (
        "<", "less than", "under", "below", "fewer than", "小于", "低于", "少于",
        "menos de", "inferior a", "menor que", "menor a", "por debajo de", "abaixo de", "weniger als", "unter", "kleiner als", "moins de", "inférieur à", "inférieure à", "sous",
        "менее", "меньше", "ниже", "dưới", "ít hơn", "nhỏ hơn", "thấp hơn",
    ),
    "==": ("==", "=", "exactly", "exactamente", "exatamente", "genau", "exactement", "ровно", "đúng"),
}  # fmt: skip

AFTER: dict[str, tuple[str, ...]] = {
    ">=": (
        "+", "or more", "or higher", "or better", "이상", "以上", "o más", "o superior", "ou mais", "ou superior", "oder mehr", "oder höher", "ou plus", "ou supérieur",
        "minimum", "mínimo", "и более", "или более", "и выше", "trở lên", "hoặc hơn",
    ),
    "<=": ("or less", "or fewer", "or lower", "이하", "이내", "以下", "以内", "o menos", "o inferior", "ou menos", "oder weniger", "ou moins", "maximum", "máximo", "и менее", "или менее", "trở xuống"),
    ">": ("초과", "超"),
    "<": ("미만", "未満"),
}  # fmt: skip

# A GB is 2^30 bytes here: what a container's memory limit means by it (seed item "Memory: < 2GB").
UNITS: tuple[tuple[str, float | int, tuple[str, ...]], ...] = (
    ("percent", 1, ("%", "percent", "per cent", "퍼센트", "프로", "パーセント", "por ciento", "por cento", "prozent", "pour cent", "процентов", "процента", "phần trăm")),
    ("seconds", 1, ("s", "sec", "secs", "second", "seconds", "초", "秒", "秒間", "秒钟", "seg", "segundo", "segundos", "sek", "sekunde", "sekunden", "seconde", "secondes", "с", "сек", "секунд", "секунды", "секунду", "giây")),
    ("seconds", 0.001, ("ms", "msec", "msecs", "millis", "millisecond", "milliseconds", "밀리초", "ミリ秒", "毫秒", "milisegundo", "milisegundos", "millisekunden", "millisecondes", "мс", "миллисекунд", "mili giây", "mi li giây")),
    ("seconds", 60, ("min", "mins", "minute", "minutes", "분", "分", "分間", "分钟", "minuto", "minutos", "minuten", "мин", "минут", "минуты", "phút")),
    ("seconds", 3600, ("h", "hour", "hours", "시간", "時間", "小时", "hora", "horas", "stunde", "stunden", "heure", "heures", "час", "часа", "часов", "giờ")),
    ("seconds", 86400, ("day", "days", "일", "日", "日間", "天", "día", "días", "dia", "dias", "tag", "tage", "tagen", "jour", "jours", "день", "дня", "дней", "ngày")),
    ("bytes", 2**10, ("kb", "kib", "ki", "кб")),
    ("bytes", 2**20, ("mb", "mib", "mi", "мб", "mo")),
    ("bytes", 2**30, ("gb", "gib", "gi", "гб", "go", "기가")),
    ("bytes", 2**40, ("tb", "tib", "тб")),
    ("per-minute", 1, (
        "req/min", "reqs/min", "request/min", "requests/min", "requests/minute", "req/minute", "requests per minute", "requests a minute", "/min", "/minute", "rpm", "per minute",
        "회/분", "요청/분", "건/분", "/분", "件/分", "回/分", "リクエスト/分", "次/分钟", "次/分", "请求/分钟",
        "solicitudes/min", "solicitudes por minuto", "peticiones/min", "peticiones por minuto", "req/minuto", "requisições/min", "requisições por minuto", "anfragen/min", "anfragen pro minute", "requêtes/min", "requêtes par minute",
        "запросов/мин", "запросов в минуту", "yêu cầu/phút",
    )),
    ("per-second", 1, (
        "req/s", "req/sec", "reqs/s", "reqs/sec", "request/s", "request/sec", "requests/s", "requests/sec", "requests/second", "requests per second", "requests a second", "/s", "/sec", "/second", "rps", "qps", "r/s", "per second",
        "회/초", "요청/초", "건/초", "/초", "件/秒", "回/秒", "リクエスト/秒", "次/秒", "请求/秒",
        "solicitudes/s", "solicitudes por segundo", "peticiones/s", "peticiones por segundo", "req/seg", "requisições/s", "requisições por segundo", "anfragen/s", "anfragen pro sekunde", "requêtes/s", "requêtes par seconde",
        "запросов/с", "запросов/сек", "запросов в секунду", "yêu cầu/giây",
    )),
    ("count", 1, ("개", "개의", "건", "대", "個", "件", "台", "つ", "个", "项", "台", "instance", "instances", "인스턴스", "インスタンス", "实例", "instancia", "instancias", "instância", "instâncias", "instanz", "instanzen", "инстанс", "инстанса", "инстансов")),
)  # fmt: skip

EXAMPLES = ("e.g", "e. g", "eg", "for example", "예", "예시", "예를 들어", "例", "例えば", "例如", "如", "ej", "p. ej", "por ejemplo", "ex", "p. ex", "por exemplo", "z. b", "z.b", "zum beispiel", "par exemple", "напр", "например", "ví dụ", "vd")  # fmt: skip
CURRENT = ("current", "currently", "now", "actual", "현재", "現在", "当前", "目前", "actualmente", "atual", "atualmente", "aktuell", "derzeit", "actuel", "actuellement", "сейчас", "текущее", "hiện tại")  # fmt: skip
