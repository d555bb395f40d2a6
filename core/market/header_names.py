"""Names that exports give to their columns, by role and language. Data only: what is done with them stands in `headers`."""


def split_words(words: str) -> frozenset[str]:
    """Split words that stand in one text, for tables that are read better so."""
    return frozenset(words.split())


PLAIN_NAMES: dict[str, str] = {
    "date": (
        "date datetime t timestamp day dt unix unixtime unixtimestamp dateandtime datetimeutc period tradedate tradingdate tradingday "
        "pricedate opentime opendate opentimestamp starttime gmttime utctime localtime localdate timeutc timegmt timelocal dateutc "
        "dategmt dtyyyymmdd yyyymmdd dtyymmdd tradedt businessdate asofdate observationdate sessiondate week weekof weekending "
        "begin begins beginsat startsat barstart bartime candletime asof epoch ts datum tag handelstag zeitpunkt datumzeit datumuhrzeit "
        "zeitstempel datumundzeit jour datecotation dateheure horodatage dateetheure séance seance fecha fechahora fechayhora día "
        "dia data dataora dataeora dataehora datahora giorno datapregão datapregao pregão pregao 日付 日付け 日時 年月日 取引日 日 "
        "期日 日期 时间 時間 "
        "时间戳 交易日期 交易日 日期时间 日期時間 날짜 일자 дата datetimestamp fechadeldato"
        " tarih dato päivämäärä"
        " dates exchangedate start startat startdate starts windowstart tsevent timeperiodstart tanggal ngày תאריך التاريخ"
        " ημερομηνία dátum วันเดือนปี วันที่ kuupäev datums"
        " tarikh ngàygiaodịch дата datum datumčas päevakuupäev datahora candledatetimeutc candledatetimekst timeopen timestart timeperiod"
        " mtu datumvon vondatum deliverydate deliveryday lieferdatum liefertag"
        " timekey begintime observationtime snapshottime snapshottimeutc dd"
        " データ日付 traddt bizdt timeleft timeright dateymd datedmy datemdy actionday periodstart"
    ),
    "time": (
        "time hour timeofday localtimeofday tradetime zeit uhrzeit heure hora ora ore orario 時刻 时刻 시간 время hhmmss timehhmmss thhmmss"
        " godzina tijd tid saat czas"
        " updatetime timebarstart bartimestart hh stunde hourending hourend he hourbeginning hourbegin hb"
    ),
    "open": (
        "open o op openprice openingprice opening opn firstprice priceopen openrate openval first openpx eröffnung eroeffnung "
        "eroffnung eröffnungskurs eroeffnungskurs erster eröffnungspreis erstkurs anfang ouverture ouv ouvert coursouverture "
        "prixouverture premier ouvrt apertura abertura aper preapertura precioapertura prezzoapertura preçoabertura precoabertura "
        "preabe abre abr primo últimaapertura 始値 寄付 寄値 開盤 开盘 开盘价 開盤價 今开 시가 открытие откр цоткр"
        " otwarcie otwarcia kursotwarcia openen öppen öppning öppningskurs açılış acilis åpning åbning avaus"
        " eröffn pembukaan mở פתיחה الافتتاح άνοιγμα åben otevření otevírací otevíracícena nyitó nyitóár pxopen openprc"
        " openp opentradeprice firsttradeprice เปิด buka"
        " atvēršana відкриття otvorenie deschidere otvaranje otvoritev отваряне"
        " prcod ouvrir öffnen abrir aperto opnpric 開市 开市 candleopen prva početna mởcửa giámởcửa άνοιγμα ราคาเปิด otvorení"
    ),
    "high": (
        "high h hi highprice highest dayhigh dailyhigh sessionhigh pricehigh highrate max maximum highpx hoch höchst hoechst "
        "höchstkurs hoechstkurs tageshoch höchster höchstpreis haut plushaut plushauts coursmax plusélevé máximo maximo máx massimo "
        "alto alta máxima maxima mas másalto masalto preciomáximo preciomaximo preçomáximo premax prezzomassimo "
        "高値 最高 最高价 最高價 最高値 "
        "고가 максимум макс цмакс"
        " najwyższy najwyzszy maks hoog hoogste högst hög högsta yüksek yuksek høy høyest høj ylin"
        " 高 tertinggi cao גבוה الأعلى υψηλό ανώτατη nejvyšší legmagasabb pxhigh askhi hightradeprice สูงสุด"
        " caonhất giácaonhất μέγιστο ราคาสูงสุด najviša augstākā maxim najviše najvišja tinggi candlehigh"
        " highestprice prchd mkthigh élevé hghpric"
    ),
    "low": (
        "low l lo lowprice lowest daylow dailylow sessionlow pricelow lowrate min minimum lowpx tief tiefst tiefstkurs tagestief "
        "tiefster niedrig tiefstpreis bas plusbas coursmin mínimo minimo mín basso baixa baja bajo mínima minima másbajo masbajo "
        "preciomínimo preciominimo preçomínimo premin prezzominimo 安値 最低 最低价 最低價 最低値 저가 минимум мин цмин"
        " najniższy najnizszy laag laagste lägst låg lägsta düşük dusuk lav lavest alin"
        " 低 terendah thấp נמוך الأدنى χαμηλό κατώτατη nejnižší legalacsonyabb pxlow bidlo lowtradeprice ต่ำสุด"
        " thấpnhất giáthấpnhất ελάχιστο ราคาต่ำสุด najniža zemākā мін мінімум minim najniže najnižja rendah candlelow"
        " lowestprice prcld mktlow faible baixo lwpric"
    ),
    "close": (
        "close c cl closeprice closingprice closing closelast priceclose closerate closepx closed endprice schluss schlusskurs "
        "schlußkurs schluß schlusspreis schlußstand clôture cloture clôt clot courscloture coursclôture dernierclôture fermeture "
        "cierre preciocierre ultimocierre fechamento preçofechamento precofechamento fech chiusura prezzochiusura cierreajuste 終値 "
        "終り値 收盘 收盘价 收盤 收盤價 종가 закрытие закр цзакр"
        " zamknięcie zamkniecie slot slotkoers stängning stängningskurs sluttkurs slutkurs luk lukkekurs kapanış kapanis slutt lukke päätös"
        " viimeisin zavírací zavíracícena závěr záró záróár prc closetradeprice lasttradeprice zuletztkurs"
        " slēgšana закриття zatvorenie închidere inchidere zatvaranje zaključek tutup затваряне"
        " zamknięcia kurszamknięcia candleclose zadnja zaključna الإغلاق سعرالإغلاق נעילה שערנעילה đóngcửa giáđóngcửa κλείσιμο ปิด ราคาปิด"
        " fermer cerrar chiudi clspric 收市"
    ),
    "settle": ("settle settlement settleprice settlementprice abrechnungspreis compensation liquidación liquidazione"),
    "last": (
        "last lastprice lasttrade ltp latest lasttradedprice lastpx lastclose lastsale letzter zuletzt letzterkurs dernier "
        "derniercours dercours últim último ultimo ultima última precioúltimo ult últ 現在値 最新价 最新"
        " ostatnio laatst laatste senast şimdi simdi son siste seneste"
        " terakhir lầncuối الأخير τελευταία senaste pxlast ล่าสุด poslední utolsó latestprice tradeprice letzterpreis lastpric trdprc prccd"
    ),
    "price": (
        "price prices nav kurs preis cours prix precio prezzo preço preco rate wert valor valeur 価格 价格 價格 цена 현재가 מחיר giá السعر"
        " obsvalue final finalprice ціна цена preț pret cijena cena"
    ),
    "adjusted": (
        "adjclose adjustedclose closeadj adjcloseprice adjusted adjusteddclose closeadjusted adjustedclosingprice adjustedprice "
        "adjprice bereinigt schlussbereinigt schlusskursbereinigt schlussadj bereinigterschlusskurs clôtureajustée clotureajustee "
        "cierreajustado cierreaj fechamentoajustado chiusuraaggiustata adjschluss schlusskursadj schlussangepasst angepasst 調整後終値 "
        "giáđiềuchỉnh 調整后收盘价 复权收盘价 后复权价 前复权价 adjustmentclose 經調整收市價 cierreajus chiudiaggiust"
    ),
    "volume": (
        "volume vol vo v volumen volumes volumebase basevolume basisvolumen totalvolume sharevolume dayvolume tradevolume volumetraded "
        "tradedvolume volumefrom totalvol tottrdqty volumi volumeneg volúmen qty quantity contractvolume "
        "volumeincontracts contracts kontrakte 出来高 出來量 売買高 成交量 거래량 объем объём volumescambiati volumescambiato"
        " wolumen volym hacim hac volym omsatt"
        " 交易量 总手 總手 wol kl khốilượng נפח الحجم όγκος objem forgalom forgalomdb pxvolume ปริมาณ cumulativevolume volumenstück"
        " khốilượnggiaodịch klgd klkhớplệnh khốilượngkhớplệnh ปริมาณการซื้อขาย"
        " apjoms обсяг volum volumen obseg količina обем candleacctradevolume lasttradedvolume cvol size totalvolumes"
        " الكميةالمتداولة الكمية ttltradgvol acvoluns acvol cshtrd basetokenvolume"
    ),
    "shares": (
        "shares numberofshares nombredetitres nombreactions numberofsharestraded sharestraded totaltradedquantity tradedquantity "
        "tottradedqty noofshares stück stuck stuecke stücke gehandeltestücke gehandeltestuecke stk anzahlaktien titres quantités "
        "quantites acciones títulos titulos numerodeazioni azioni 株数 ttltrdqnty totaltradedquantityshares"
        " turnoverpieces turnoverinpieces turnovershares umsatzstück quantidade 成交股数 成交股數"
    ),
    "turnover": (
        "turnover turnovereur value valuetraded amount quotevolume quoteassetvolume quoteqty notional dollarvolume umsatz umsätze "
        "umsatzineuro volumeto capitaux montant efectivo importe controvalore volumefinanceiro volfinanceiro giro turnoverlacs "
        "tottrdval nombredecapitaux 成交额 成交金额 成交額 売買代金 取引金額 거래대금 оборот tradedvalue totalturnover gesamtumsatz"
        " volumefinanceiro gtkhớplệnh 成交金额元 金额 金額 总金额 turnovereuro turnoverusd turnovervalue geldumsatz ttltrfval"
    ),
    "ticks": ("tickvol tickvolume tickqty ticks ticksvolume tickcount tickvolumen"),
    "trades": (
        "numberoftrades trades tradecount tradescount nooftrades n count notrades totaltrades transactions numtrades anzahltrades "
        "nombredetransactions nombretransactions operaciones contratti negócios negocios 成交笔数 取引回数 trans numberofdeals deals"
        " ttlnboftxsexctd"
    ),
    "aside": (
        "marketcap marketcaps marketcapitalization changepercent pctchange pctchg percentchange change chg return returns dailyreturn "
        "dividend dividends dividendamount divcash exdividend marketcapusd "
        "openinterest openint oi vwap wap average averageprice avgprice barcount currency exchange spread turnoverrate zmiana waluta"
    ),
    "factor": (
        "factor adjfactor adjustmentfactor adjustfactor cumfactor cumadjfactor cumulativefactor cumulativeadjustmentfactor cfacpr cumfacpr "
        "priceadjustmentfactor adjustmentratio ajexdi 复权因子 后复权因子 前复权因子 調整係数"
    ),
    "splits": ("split splits stocksplit stocksplits splitratio splitfactor splitcoefficient splitcoef"),
    "zone": ("timezone tz zeitzone fuseau 时区"),
    "year": ("year yyyy jahr año anno année"),
    "month": ("month mm monat mes mese mois"),
    "minute": ("minute minutes minuten minuto mi minuteofday minutesofday minutessincemidnight minofday"),
    "symbol": (
        "symbol ticker ric instrument code isin wkn name security securitycode stockcode tic sym contract pair act_symbol valor_isin "
        "tckrsymb "
        "銘柄コード 股票代码 代码"
    ),
}
"""Names of each role, letters only, lower case, separated by blanks."""

LANGUAGE_WORDS: dict[str, str] = {
    "German": "datum eröffnung eroeffnung erster hoch tief schluss schlusskurs stück stuecke zeit tag letzter",
    "French": "dernier ouv ouverture plushaut plusbas clôture cloture haut bas jour",
    "Spanish": "fecha apertura cierre máximo mínimo último",
    "Italian": "apertura chiusura massimo minimo ultimo giorno",
    "Portuguese": "abertura fechamento máxima mínima último data",
    "Dutch": "hoog laag slot openen",
    "Polish": "otwarcie zamknięcie zamkniecie wolumen",
    "Czech": "otevření závěr otevírací",
    "Russian": "дата открытие закрытие",
    "Turkish": "tarih açılış kapanış hacim",
    "Greek": "ημερομηνία άνοιγμα κλείσιμο",
    "Vietnamese": "ngày mởcửa đóngcửa",
    "Indonesian": "tanggal pembukaan terakhir",
    "Thai": "วันที่ เปิด ปิด ราคาเปิด",
    "Romanian": "deschidere închidere",
    "Danish and Norwegian": "dato åpning åbning lukke",
}
"""Words by which the language of a header is told: in all of these the day is written before the month."""
