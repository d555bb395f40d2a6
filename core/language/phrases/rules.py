"""Phrases that name a size, a stop, a target or a limit, and the rule row that each means."""

from core.domain.workflow import Measure, Section
from core.language.phrases.rule_words import (
    AMOUNT,
    INTO,
    LENGTHS,
    PATTERN_LINE,
    PAY,
    REACH,
    RHYTHM,
    SUM,
    Builder,
    build_adding,
    build_bars,
    build_deposit,
    build_half_kelly,
    build_instalments,
    build_level,
    build_multiple_of_risk,
    build_next_day,
    build_partial,
    build_pause,
    build_range_stop,
    build_ratio,
    build_reach,
    build_rebalance,
    build_resting_exit,
    build_resting_limit,
    build_resting_stop,
    build_risk,
    build_risk_in_words,
    build_share_in_words,
    build_size,
    build_size_of_volatility,
    build_stop_at,
    build_stop_at_extreme,
    build_stop_of_pattern,
    build_time_stop,
)
from core.language.phrases.terms import COUNT, TERM, WORDS, read_count

PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:and )?(?:i |we )?(?:{PAY}|invest(?:ing)?) {SUM}(?: {INTO})?,? {RHYTHM}(?: {INTO})?"
        rf"|{RHYTHM},? (?:i |we )?{PAY} {SUM}(?: {INTO})?"
        rf"|(?:an? |the )?savings plan (?:of|with|over) {SUM},? {RHYTHM}"
        rf"|(?:an? )?{RHYTHM} (?:savings plan|deposits?|contributions?) of {SUM}",
        build_deposit,
    ),
    (
        r"(?:add(?:ing)?|with|have|keep|put)? ?(?:an? |the )?stop(?: loss)?(?: on)?(?: everything| all| the whole position|"
        r" all units)?(?: at| goes| is| of)? "
        r"(?P<times>\d+(?:\.\d+)?) ?(?:x )?atrs? (?P<way>below|under|above|over|from|away from) the (?:last|latest|most recent) (?:entry"
        r"|fill|unit|buy|purchase|add)",
        lambda match: (
            Section.EXIT_LONG if match["way"].lower() not in ("above", "over") else Section.EXIT_SHORT,
            "stop_order",
            Measure.PRICE,
            (f"last_entry_price {'-' if match['way'].lower() not in ('above', 'over') else '+'} {match['times']} * atr(14)",),
        ),
    ),
    (
        r"(?<![<>] )(?<![<>]= )chandelier(?: exit| stop)?(?::| of| at| with)?(?: ?\(?(?:(?P<bars>\d+)[- ](?:day|bar)s?"
        r" (?:highest )?high (?:minus"
        r"|less|-) (?P<times>[\d.]+) ?(?:x )?atrs?"
        r"|(?P<bars2>\d+), ?(?P<times2>[\d.]+))\)?)?",
        lambda match: (
            Section.RISK,
            "trailing_stop",
            Measure.PRICE,
            (f"chandelier({match['bars'] or match['bars2'] or 22}, {match['times'] or match['times2'] or 3}).long",),
        ),
    ),
    (
        rf"(?:i |we )?(?:do not|don'?t|never)(?: want to)? lose (?:any )?more than {REACH}(?: (?:on|per|in|of)(?: any| each|"
        r" every| a| one| the)?(?: single)? (?:trade|position))?"
        r"|(?:if |when )?the loss (?:reaches|exceeds|hits|is(?: (?:larger|bigger"
        rf"|greater|more) than)?) {REACH}|(?:if |when )?(?:it|the trade|the position)"
        r" (?:loses"
        rf"|goes against me by) {REACH}(?! (?:in|over))",
        build_reach("stop_loss"),
    ),
    (
        rf"(?:do not|don'?t|never) (?:hold|keep|stay)(?: it| in)?(?: for)? (?:longer|more) than {COUNT} (?:trading )?(bars?"
        r"|days?|sessions?|candles?|weeks?|months?)",
        build_bars,
    ),
    (
        rf",? or(?: after| for)? {COUNT} (?:trading )?(bars?|days?|sessions?|candles?|weeks?|months?)(?=,? whichever|,? at the latest|"
        r" (?:have|has) passed|[.;]|$)",
        build_bars,
    ),
    (
        rf"(?:when |once |after )?{COUNT} (?:trading )?(bars?|days?|sessions?|candles?|weeks?|months?)"
        r" (?:have|has) (?:passed|gone by|elapsed)",
        build_bars,
    ),
    (
        r"(?:place |put |use |set |with )?(?:an? |the )?(?:buy |sell )?limit (?:order )?(?:at"
        r" )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent) (?P<way>below|under|above|over)"
        r" (?:yesterday's |the (?:previous |prior |last |day's )?|the (?:previous|prior) day's |today's )?(?P<line>close|low|high|open)\b",
        build_resting_limit,
    ),
    (
        r"(?:after (?:a|any|every|each) (?:losing trade|loss|loser|losing position),? )(?:i |we )?(?:wait|pause|sit out|stay"
        r" out|rest|skip|no (?:new )?(?:trades?|entries|entry) for)(?: for)?"
        rf"(?: at least)? (?P<count>\d+|{'|'.join(WORDS)}) (?:trading )?(?P<unit>days?|bars?|candles?|weeks?|sessions?)(?:"
        r" before (?:entering|buying|trading)(?: again)?)?",
        build_pause,
    ),
    (
        r"(?:(?:kelly(?: sizing| criterion| formula)?(?: at|,|:)? )?(?P<part>half|quarter|full)[- ]?(?:of )?kelly|kelly(?:"
        r" (?:sizing|criterion|fraction|formula)))(?: sizing)?(?:,? (?:capped at|with a (?:cap|maximum) of|max(?:imum)?|up"
        r" to)"
        r" (?P<cap>\d+(?:\.\d+)?) ?(?:%|percent)(?: of (?:the |my )?(?:equity|account|capital))?)?",
        build_half_kelly,
    ),
    (
        r"(?:size (?:each|the|every) (?:position|trade) (?:so that|for|such that) (?:the |its )?)?(?:annual(?:i[sz]ed)? "
        rf"|yearly )?(?:target )?volatility[- ]?(?:target(?:ing|ed)? )?(?:is |of |at |to |target of )*{AMOUNT} ?(?:%|percent)(?: (?:a|per)"
        r" year| annually| annuali[sz]ed)?"
        rf"|target (?:an? )?(?:annual(?:i[sz]ed)? |yearly )?volatility (?:of )?{AMOUNT} ?(?:%|percent)|{AMOUNT} ?(?:%"
        r"|percent) (?:annual(?:i[sz]ed)? )?volatility target",
        build_size_of_volatility,
    ),
    (
        rf"no leverage (?:over|above|beyond) {AMOUNT}(?: ?x| times)?|(?:max(?:imum)? )?leverage (?:of |at |to |is |capped at "
        rf"|limited to )*(?:at most )?{AMOUNT}(?: ?x| times)?(?!\w)",
        lambda match: (Section.SIZING, "max_leverage", Measure.TIMES, tuple(group for group in match.groups() if group)),
    ),
    (
        r"(?:stop trading|no more trad(?:es|ing)|quit|done)(?: for the day| today)?,? (?:if|when|once|after)(?: i am| i'm|"
        rf" we are| the day is| it is)?(?: down| lost| losing| having lost)? ?{AMOUNT} ?(?:%|percent)"
        rf"(?: (?:down|lost))?(?: (?:on|for|in) the day| today)?(?<!drawdown)",
        lambda match: (Section.RISK, "daily_loss_limit", Measure.PERCENT, (match.group(1),)) if "day" in match.group().lower() else None,
    ),
    (
        r"(?:halt|stop|end|shut down|kill)(?: the| all| this)?(?: strategy| trading| system| everything)?(?: for good)?"
        rf" (?:at|after|when|once|on|if)(?: it is| there is)?(?: an?)?(?: drawdown of)? {AMOUNT} ?(?:%|percent)"
        rf" drawdown",
        build_risk("drawdown_halt", Measure.PERCENT),
    ),
    (
        r"(?:drops?|falls?|is down|loses?|closes?|is|gives back|declines?)(?: by)? (?P<share>\d+(?:\.\d+)?) ?(?:%|percent)"
        r" (?:from|below|off|under) (?:its |the )?(?:highest"
        r" (?:close|price|point|high)|high|peak|top)(?: (?:reached|seen|made))?"
        r" (?:since|after) (?:the |my |our )?(?:entry|entering|we bought|i bought|buying|purchase)",
        lambda match: (Section.RISK, "trailing_stop", Measure.PERCENT, (match["share"],)),
    ),
    (
        r"trail(?:ing)?(?: the| a)?(?: stop(?: loss)?)?(?: (?:the )?(?:other half|rest|remainder))?(?: of| at| by| it|"
        rf" with)?(?: an?)? {REACH}|{REACH} trail(?:ing)?(?: stop)?",
        build_reach("trailing_stop"),
    ),
    (
        r"(?:move (?:the |my )?stop(?:[- ]loss)? (?:up )?to (?:the |my )?(?:entry(?: price)?|break[- ]?even)|stop to (?:the"
        r" )?(?:entry|break[- ]?even)"
        r"|break[- ]?even)(?: stop)?(?: after| at| once| when| if| as soon as)?(?: (?:the (?:trade|position|price)|it|price"
        r"|i|we))?(?: is| has| am| are|'m)?(?: moved| run| gained| made| reached)?(?: up| ahead| in profit)?"
        rf"(?: by| an?| the)?(?: gain| profit)?(?: of| is| reaches)? {REACH}(?: gain| profit)?",
        build_reach("break_even"),
    ),
    (
        rf"(?:sell |take |close )?(half|a third|a quarter)(?: of (?:it|the position))?(?: off)?(?: at| after)(?: an?)?(?:"
        rf" (?:gain|profit) of)?"
        rf" {REACH}(?: profit| gain)?",
        build_partial,
    ),
    (
        rf"(?:(?:after|with|at|on|upon) (?:an?|the) |,? ?(?:or )?(?:at |with )?an? )(?:gain|profit) of {REACH}|(?:with|at"
        rf"|after) an? {REACH} (?:gain|profit)",
        build_reach("take_profit"),
    ),
    (
        rf"(?:(?:after|with|at|on|upon) (?:an?|the) |,? ?(?:or )?(?:at |with )?an? )loss of {REACH}|(?:with|at|after) an? {REACH} loss",
        build_reach("stop_loss"),
    ),
    (
        rf"(?:add(?:ing)?|pyramid|scale in|another unit|one more unit)(?: a| another| one| one more)?"
        rf"(?: unit| entry| lot)?(?: at| each| for| time"
        rf"| it| the price| moves)*(?: every| each)?(?: another| further)? {REACH}(?: move| gain| up|"
        rf" higher| in favou?r| in (?:my|our) favou?r| advance)*,?"
        rf"(?: up to| to| with| for)?(?: a)?(?: max(?:imum)?)?(?: of| at most)? {COUNT}(?: units| entries"
        rf"| times| lots)?(?: in all| in total)?",
        build_adding,
    ),
    (
        rf"(?:add|pyramid|scale in)(?: up to| to)? {COUNT}(?: times| entries| units)?|up to {COUNT} (?:entries|units|times|buys|purchases)",
        lambda match: (Section.SIZING, "pyramiding", Measure.COUNT, (str(max(2, read_count(match.group(1) or match.group(2)))),)),
    ),
    (
        r"(buy|sell)(?:[- ]stop(?: order)?| on a stop)(?: (?:a tick|one tick|just|slightly))? (?:above|below|at|under|over)"
        rf" ({TERM}|{PATTERN_LINE})",
        build_resting_stop,
    ),
    (
        r"(?<!buy )(?<!sell )stop(?:[- ]loss)?(?: goes| is| placed| set)?(?: just)?(?: above| below| beneath| under|"
        r" at| beyond|(?<=is)| =) ((?:the |its |that"
        r" )?(?:[\w-]+(?: (?:bar|day|candle))?'s (?:high|low)"
        r"|(?:high|low) of (?:the|that) (?!day)(?:[\w-]+ )?(?:bar|day|candle|doji|hammer|engulfing(?: (?:bar|candle))?"
        r"|pattern|range bar|setup)))",
        build_stop_of_pattern,
    ),
    (
        r"(?<!buy )(?<!sell )stop(?:[- ]loss)? (?:just |goes |is |sits |placed )*(?:(?:at|below|above|under|on)"
        r" )?(?:the )?(?:(low|high|bottom|top"
        r"|middle|mid-?point|other side"
        r"|opposite side|opposite end|other end) of (?:the|that) (?:opening )?range|(?:opening )?range (low|high))",
        build_range_stop,
    ),
    (
        r"(?<!buy )(?<!sell )stop(?:[- ]loss)? (?:just )?(?:above|below|under|at|beyond) (?:the )?(low|high|lowest low"
        r"|highest high|lowest|highest)"
        rf"(?: point)? (?:of|in|over) (?:the )?(?:last |past |previous |prior )?{COUNT} (?:bars|days|candles|sessions)",
        build_stop_at_extreme,
    ),
    (
        rf"(?:it |price |the (?:price|stock|market) )?(?:rises|falls|drops|moves|goes|runs|turns) (?:by )?(?:more than )?{REACH}"
        r" against (?:me|us|you|the (?:position|trade)|my position)",
        build_reach("stop_loss"),
    ),
    (
        r"(?<!buy )(?<!sell )stop(?:[- ]loss)? (?:just )?(?:above|below|beneath|under|at) (?:the |its )?(?:(?:most recent|recent"
        r"|last|latest|nearest|prior|previous) )?(swing high|swing"
        r" low|low of (?:the )?day"
        r"|high of (?:the )?day|day'?s low|day'?s high|low|high)(?! (?:of|between|from)\b)",
        build_stop_at,
    ),
    (
        rf"(?:(?:protective|hard|initial|fixed|disaster|catastrophic|emergency|tight|wide) )?(?:(?<!buy[ -])(?<!sell[ -])stops?[- ]?"
        rf"(?:loss(?:es)?)?|stopped out|sl|(?:cut|limit)(?:ting)?"
        rf" (?:the |my |any )?loss(?:es)?|max(?:imum)? loss)(?: of| at| to| is|:| =)? {REACH}(?: (?:below|under|above|over|from"
        rf"|away)(?: (?:from )?(?:the"
        rf" |my )?entry(?: price)?)?)?(?: to begin with| initially| at first)?|{REACH} (?:hard |protective |fixed |initial "
        rf"|disaster )?stop(?:[- ]?loss)?",
        build_reach("stop_loss"),
    ),
    (
        rf"(?:take[- ]profits?|profit target|target|tp|reward)(?: is| of| at| for|:)? (?:an? )?(twice|double|two times|three times|triple"
        rf"|{AMOUNT} ?(?:x|times)) (?:the |my |your |initial )*(?:risk|stop(?: distance)?)",
        build_multiple_of_risk,
    ),
    (
        rf"(?:(?:take[- ]profits?|target|tp|aim)(?: is| of| at| for|:)? )?(?:an? )?{AMOUNT} ?(?:to|:) ?1 (?:risk[- /]?reward"
        rf"|reward(?:[- /:]?(?:to[- ])?risk)?|rr?\b)(?: ratio)?|(?:risk[- /]?reward|reward[- /]?(?:to[- ])?risk)(?: ratio)?(?: of)?"
        rf" (?:1 ?: ?)?{AMOUNT}(?: ?: ?1)?",
        build_ratio,
    ),
    (
        rf"(?:take[- ]profits?|profit targets?|targets?|tp|book profits?)(?: of| at| is|:| =)? {REACH}(?! (?:of )?(?:annual|yearly|vol))"
        rf"|{REACH} (?:take[- ]profit|profit target|target)",
        build_reach("take_profit"),
    ),
    (
        r"(?:(?:sell|exit|cover|close|out|get out)(?: it)?,? (?:it )?)?(?:at|on) the next (?:day'?s?"
        r" )?(?:open|day|close|bar)(?: after(?: entry)?)?(?!,? (?:when|if|once|whenever)\b)"
        r"|(?:sell|exit|cover)(?: it)? the (?:next|following) day",
        build_next_day,
    ),
    (
        r"(?:after|(?:hold|keep|stay)(?:ing)?(?: it| them)?(?: for)?) (?:an?|one) (day|week|month|quarter|year)(?: in the"
        r" trade)?(?! (?:on which|when|that|in which|where|after|or|whose|of)\b)",
        lambda match: (Section.RISK, "time_stop", Measure.BARS, (str(LENGTHS[match.group(1).lower()]),)),
    ),
    (
        rf"(?:(?:protective|hard|initial) )?(?:stop[- ]?(?:loss)?|sl)(?: goes| is| placed| set)?(?: just)?"
        rf" (?:above|below|under|at|on|beyond) ({TERM})",
        build_level("stop_loss"),
    ),
    (
        rf"(?:take[- ]profits?|profit target|target|tp)(?: is| placed| set)?(?: at| on|:)? ({TERM})(?!"
        rf" ?(?:%|percent|atr|r\b|x\b|times|points|pips))",
        build_level("take_profit"),
    ),
    (
        r"rebalanced? (?:every |each |once a )?(monthly|month|weekly|week|quarterly|quarter|daily|day)"
        r"|rebalanced? (?:at|on) (?:the )?(?:month[- ]?end|end of (?:the|each|every) month|(?:first"
        r"|last) (?:trading )?day of (?:the|each|every) month)",
        build_rebalance,
    ),
    (r"\b(?:invest|put in|buy)(?= [$€£])", build_instalments),
    (
        rf"time[- ]?(?:stop|exit|limit)(?: of| is| after| at|:)? {COUNT}[- ]?(bars?|days?|sessions?|candles?|hours?|weeks?|months?)"
        rf"|{COUNT}[- ](bar|day|session|week|month)[- ](?:time[- ]?(?:stop|exit|limit)|holding period|hold)",
        build_time_stop,
    ),
    (
        rf"(?:after|for|within|exit after|(?:max(?:imum)? )?hold(?:ing)?(?: period| time)?(?: it)?(?:"
        rf" for| of|:)?|at most|max(?:imum)?(?: of)?|no more than|no longer than)"
        rf" {COUNT} (?:trading |business )?"
        r"(bars?|days?|sessions?|candles?|hours?|weeks?|months?)(?: at most)?(?: in the trade)?",
        build_bars,
    ),
    (
        r"(sell|cover) at (?:the |a limit at )?(yesterday|previous day|prior day|last week|previous week)(?:'?s)? (close|high|low|open)",
        build_resting_exit,
    ),
    (
        r"or (?:at|by|before) (?:the )?(?:close(?! (?:above|below|over|under))|end of (?:the )?(?:day"
        r"|session))(?: of (?:the )?(?:day|session))?",
        lambda match: (Section.RISK, "flat_at_close", Measure.BARS, ("1",)),
    ),
    (
        r"(?:flat|out|close(?:d)?|exit|cover|sell)(?: everything| it| out| all(?: positions| trades)?| (?:the|any) (?:open )?"
        r"(?:positions?|trades?))? "
        r"(?:at|by|before|into) (?:the )?(?:close(?! (?:above|below|over|under|when|if|once|(?:\w+ )?(?:days?|sessions?"
        r"|bars?) later|of the (?:next|following|second|third)|(?:on )?(?:the )?(?:last |first )?(?:mon|tues|wednes|thurs|fri)day"
        r"|(?:on|of) (?:the )?(?:[\w-]+ ){1,3}(?:day|session) (?:of|in)\b))|end of (?:the )?(?:day|session)|eod|session end|bell)"
        r"(?: of the same (?:day|session))?|(?:sell|exit|cover|out) on (?:the )?close of the same (?:day|session)"
        r"|no(?:thing)? over ?night|never over ?night",
        lambda match: (Section.RISK, "flat_at_close", Measure.BARS, ("1",)),
    ),
    (
        rf"(?:at most |max(?:imum)?(?: of)? |only |no more than |not more than )?{COUNT} (?:trades?|positions?|entries"
        rf"|signals) (?:a|per|each|every) day(?: at (?:the )?most| max(?:imum)?)?",
        lambda match: (Section.RISK, "max_trades_per_day", Measure.COUNT, (str(read_count(match.group(1))),)),
    ),
    (
        rf"(?:halt|stop trading|stop for good)(?: at| after)?(?: a)?(?: drawdown of)? {AMOUNT} ?(?:%|percent)(?:"
        rf" drawdown)?|max(?:imum)? drawdown(?: of)? {AMOUNT} ?(?:%|percent)",
        build_risk("drawdown_halt", Measure.PERCENT),
    ),
    (
        rf"(?:drops|falls|is down|loses) {AMOUNT} ?(?:%|percent) (?:from|below|off|under) (?:its |the )?(?:highest"
        rf" (?:close|price|point)|high|peak)"
        r" since (?:entry|the entry|we bought|i bought|buying)",
        build_risk("trailing_stop", Measure.PERCENT),
    ),
    (
        rf"(?:(?:it |price |the price )?(?:drops|falls|is down|loses|declines)(?: by)?|down) {AMOUNT}"
        rf" ?(?:%|percent) (?:from|below|under) (?:the |my |our )?"
        r"(?:entry(?: price)?|purchase price|buy(?:ing)? price)",
        build_risk("stop_loss", Measure.PERCENT),
    ),
    (
        rf"(?:(?:it |price |the price )?(?:gains|rises|rallies|is up)(?: by)?|up) {AMOUNT} ?(?:%|percent)"
        rf" (?:from|above|over) (?:the |my |our )?"
        r"(?:entry(?: price)?|purchase price|buy(?:ing)? price)",
        build_risk("take_profit", Measure.PERCENT),
    ),
    (
        r"risk(?:ing)? (half a|a half|a quarter of a|one|two|three) percent(?: of (?:the |my )?(?:equity|capital|account))?"
        r"(?: (?:per|a|each|on each) trade)?",
        build_risk_in_words,
    ),
    (
        r"(?:with |use |put |invest )?(?:an? )?(third|quarter|fifth|tenth) of (?:the |my )?(?:equity|capital|account|portfolio|money)",
        build_share_in_words,
    ),
    (rf"daily loss(?: limit)?(?: of)? {AMOUNT} ?(?:%|percent)", build_risk("daily_loss_limit", Measure.PERCENT)),
    (
        rf"(?:position size|size|sizing)?:? ?{AMOUNT} ?(?:%|percent)(?: account| equity| of (?:the |my"
        rf" )?(?:account|equity|capital))? risk(?:ed)?"
        rf"(?: (?:per|a|each|on each) trade)?(?! ?[-/:]?reward)|risk per trade(?: is| of|:)? {AMOUNT} ?(?:%|percent)",
        build_size("risk_per_trade", Measure.PERCENT),
    ),
    (
        rf"(?:(?:size|sized|sizing)(?: it| the position| each trade| positions)? (?:so that|such that"
        rf"|so) )?(?:only |at most |no more than |i (?:only )?)?"
        rf"(?:lose |losing )?{AMOUNT} ?(?:%|percent)(?: of (?:the |my )?(?:equity|capital|account))? "
        rf"(?:is |are )?(?:at risk|at stake|if (?:it is |i am |i'm )?"
        r"stopped(?: out)?)",
        build_size("risk_per_trade", Measure.PERCENT),
    ),
    (
        rf"(?:never |do not |don'?t )?risk(?:ing)?(?: (?:no )?more than| at most| up to| only)? {AMOUNT} ?(?:%"
        rf"|percent)(?: of (?:the |my )?(?:equity|capital|account))?(?: (?:per|a|each|on each) trade)?",
        build_size("risk_per_trade", Measure.PERCENT),
    ),
    (
        rf"(?:(?:position )?size(?: is| of|:|=)? )?(?:with |use |put |invest )?{AMOUNT} ?(?:%|percent) of (?:the |my )?(?:equity"
        rf"|capital|account|portfolio|money)",
        build_size("position_size", Measure.PERCENT),
    ),
    (
        r"all[- ]in|(?:with )?all (?:of )?(?:the |my )?(?:equity|capital|money|account)|fully invested",
        build_size("position_size", Measure.PERCENT, "95"),
    ),
    (
        rf"(?:position )?(?:size|sizing)(?: is| of|:|=)? ?{AMOUNT} ?(?:%|percent)(?! ?risk| (?:daily |annual\w* )?vol)",
        build_size("position_size", Measure.PERCENT),
    ),
    (r"half (?:of )?(?:the |my )?(?:equity|capital|money|account)", build_size("position_size", Measure.PERCENT, "50")),
    (
        r"(?<!max )(?<!maximum )(?<!up to )(?<!at most )(?<![\d,.])(\d[\d,]*) (?:shares|units|contracts|coins)(?! ?(?:max|in all"
        r"|in total|at (?!(?:the )?(?:next )?(?:open|market))))",
        build_size("position_size", Measure.UNITS),
    ),
    (
        r"(?<!above )(?<!below )(?<!over )(?<!under )(?<!than )(?<!at )(?<!through )(?<![<>=])(?<![<>=] )[$€£] ?(\d[\d,]*)(?: (?:per|a|each"
        r"|on each) (?:trade|entry))?",
        build_size("position_size", Measure.CASH),
    ),
    (
        r"hold (?:it )?(?:for ever|forever|to the end)|never sell(?=[.,;!]|$| (?:it|and)\b)|keep (?:it|everything) for ?ever",
        lambda match: (Section.RISK, "hold_to_end", Measure.SWITCH, ()),
    ),
)
