"""Names of months and weekdays in the languages of exports, and the English letters of a month for them. Data, and no parsing of dates."""

import re

from core.market.header_names import split_words

ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = (
    (
        "января январь янв січня січ януари яну stycznia styczeń sty januari ocak oca sijecanj ledna leden led január tammikuu "
        "tammi january jan januar jänner janvier janv enero ene gennaio gen janeiro ianuarie ian ιαν ιανουαρίου يناير ינואר ינו "
        "בינואר"
    ),
    (
        "февраля февраль фев февр лютого лют lutego luty lut februari şubat şub února únor úno február febr helmi february feb "
        "februar février fevrier févr fevr fév febrero febbraio fevereiro fev februarie φεβ φεβρουαρίου فبراير פברואר פבר "
        "בפברואר"
    ),
    (
        "марта март мар березня бер marca marzec maart mrt maret mac mart března březen bře március márc maalis march mar märz "
        "maerz mär mrz mars marzo março martie μαρ μάρ μαρτίου مارس מרץ במרץ"
    ),
    (
        "апреля апрель апр квітня кві kwietnia kwiecień kwi april nisan nis dubna duben dub április ápr huhti apr avril avr "
        "abril abr aprile aprilie απρ απριλίου أبريل אפריל אפר באפריל"
    ),
    (
        "мая май травня тра maja maj mei mayıs května květen kvě május máj touko may mai mayo maggio mag maio maig μαΐ μάι μαι "
        "μαΐου مايو מאי במאי"
    ),
    (
        "июня июнь июн червня чер юни czerwca czerwiec cze juni haziran haz června červen čvn június jún kesä june jun juin "
        "junio giugno giu junho iunie iun juny ιουν ιούν ιουνίου يونيو יוני ביוני"
    ),
    (
        "июля июль июл липня лип юли lipca lipiec juli julai temmuz tem července červenec čvc július júl heinä july jul juillet "
        "juil julio luglio lug julho iulie iul ιουλ ιούλ ιουλίου يوليو יולי ביולי"
    ),
    (
        "августа август авг серпня сер sierpnia sierpień sie augustus augusti agustus agu agt ogos ogo ağustos ağu srpna srpen "
        "augusztus elo august aug août aout agosto ago αυγ αύγ αυγούστου أغسطس אוגוסט אוג באוגוסט"
    ),
    (
        "сентября сентябрь сен сент вересня вер września wrzesień wrz eylül eyl září zář szeptember szept syys september sep "
        "sept septembre septiembre settembre set setembro septembrie σεπ σεπτ σεπτεμβρίου سبتمبر ספטמבר ספט בספטמבר"
    ),
    (
        "октября октябрь окт жовтня жов października październik paź oktober ekim eki října říjen říj október loka october oct "
        "okt octobre octubre ottobre ott outubro out octombrie οκτ οκτωβρίου أكتوبر אוקטובר אוק באוקטובר"
    ),
    (
        "ноября ноябрь ноя нояб листопада лис ное listopad kasım kas listopadu marras november nov novembre noviembre novembro "
        "noiembrie noi νοε νοέ νοεμβρίου نوفمبر נובמבר נוב בנובמבר"
    ),
    (
        "декабря декабрь дек грудня гру grudnia grudzień gru aralık ara prosince prosinec joulu december dec dezember dez des "
        "desember dis disember décembre decembre déc diciembre dic dicembre dezembro decembrie δεκ δεκεμβρίου ديسمبر דצמבר דצמ "
        "בדצמבר"
    ),
)
MONTH_OF = {word: ENGLISH[number] for number, words in enumerate(_MONTHS) for word in words.split()}
CROATIAN = [
    *("siječnja", "veljače", "ožujka", "travnja", "svibnja", "lipnja", "srpnja", "kolovoza", "rujna", "listopada", "studenoga", "prosinca"),
]
NEIGHBORS = (
    (split_words("sty lut kwi cze sie wrz paź gru"), {"lip": "Jul", "lis": "Nov"}),
    (split_words("stycznia lutego kwietnia maja czerwca lipca sierpnia września października grudnia"), {"listopada": "Nov"}),
    (
        split_words("siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna studenoga studenog prosinca"),
        {**dict(zip(CROATIAN, ENGLISH, strict=True)), "studenog": "Nov"},
    ),
    (split_words("led úno bře dub kvě čvn čvc zář říj"), {"srp": "Aug", "lis": "Nov", "pro": "Dec"}),
)
"""Names that Polish, Czech and Croatian give to other months, and those beside which they are read."""
THAI = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
VIETNAMESE = (r"^(\d{1,2}) (?:thg|tháng) ?(\d{1,2}),? (\d{4})", r"\3-\2-\1")
WEEKDAYS = split_words(
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday tues weds thur thurs mo di mi do fr sa so "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag lun mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi "
    "dimanche lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom lunedì martedì mercoledì giovedì venerdì gio "
    "seg ter qua qui sex pon wt śr czw pt sob ma wo vr za zo пн вт ср чт пт сб вс pzt sal çar per cum cmt paz mån tis ons tors fre lör sön"
)


def choose_months(joined: str) -> dict[str, str]:
    """English letters by the names of months, with those that neighbors share where the others tell the language."""
    words = set(re.findall(r"[^\W\d_]{2,}", joined.lower()))
    found = [shared for own, shared in NEIGHBORS if own & words]
    return MONTH_OF | found[0] if len(found) == 1 else MONTH_OF
