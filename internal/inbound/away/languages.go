package away

// language is how a language says until when somebody is away. The expressions are over
// what stands before a date, unless said otherwise.
type language struct {
	name      string
	back      string // the day of return
	backAfter string // the same, after the date: "am 12. Januar wieder da"
	through   string // the last day, right before the date
	throughTo string // the same, after the date: "inclus"
	until     string // right before the date
	from      string // the first day, right before the date
	to        string // between the two dates of a range
	gone      string // not there: a single date or a week beside it is one of absence
}

var languages = []language{
	{
		name:      "en",
		back:      `\b(?:back|return(?:s|ing|ed)?|resum(?:e|es|ing)|rejoin(?:ing)?|(?:available|reachable|contactable|in(?: the)? office|at my desk|online|working|in) again|again (?:available|reachable|in)|(?:available|reachable|in the office|at work|contactable) (?:from|on|as of|starting)|(?:respond|reply|answer|get back|attend|deal|read)\b.{0,30}\b(?:on|from)|not (?:be )?(?:back|available|in the office) before|return date)\b`,
		backAfter: `\b(?:i (?:will|shall|am|'ll)|i'll|i'm|when i|we (?:will|are)) .{0,15}\b(?:back|return)`,
		through:   `(?:\bthrough|\bthru|\bup to and including|\buntil and including|\btill and including|\bafter|\bthrough to|\binclusive of|\blast day(?: of .{2,20})? is)$`,
		throughTo: `\b(?:inclusive|included|incl)\b`,
		until:     `\b(?:until|till|til|'til|up to|up until|before|prior to|not before|til the|to)$`,
		from:      `\b(?:from|starting|beginning|as of|as from|since|effective|commencing|between)$`,
		to:        `^(?:to|-|until|till|til|through|thru|and|up to|through to|up until)$`,
		gone:      `\b(?:out of (?:the |my )?office|out of town|ooo|away|on (?:\w+ )?(?:leave|vacation|holidays?|pto)|absent|absence|not (?:be )?(?:available|in|working|reading|around|at work)|unavailable|travel(?:l)?ing|closed|off(?:line)?|out)\b`,
	},
	{
		name:      "de",
		back:      `\b(?:zuruck|wieder|ruckkehr|erreichbar ab|ruckkunft|erst am|erst ab|erst wieder)\b`,
		backAfter: `\b(?:wieder|zuruck)\b`,
		through:   `(?:\bbis (?:und mit|einschliesslich|inklusive|inkl\.?|einschl\.?)|\bnach|\bletzter tag ist)$`,
		throughTo: `\b(?:einschliesslich|inklusive|inkl|einschl)\b`,
		until:     `\bbis(?: zu[mr]?)?$`,
		from:      `\b(?:vo[mn]|ab|seit)$`,
		to:        `^(?:bis|-|bis zum|bis einschliesslich|bis einschl\.?|bis inkl\.?|und)$`,
		gone:      `\b(?:nicht (?:im (?:buro|haus|hause|dienst)|da|anwesend|erreichbar|am platz)|abwesend|abwesenheit|ausser haus|urlaub|verreist|unterwegs|nicht im|ferien|dienstreise|krank|geschlossen|elternzeit)\b`,
	},
	{
		name:      "fr",
		back:      `\b(?:de retour|mon retour|retour (?:prevu|au bureau|le)|reviendrai|reviens|rentrerai|rentre|retrouver|(?:joignable|disponible|present|presente) (?:a partir|a compter|des)|des mon retour|reprendrai|reprise|a nouveau|de nouveau)\b`,
		backAfter: `\b(?:je (?:serai|suis|reviens|reviendrai)|de retour)\b`,
		through:   `(?:\bjusqu'(?:au|a)(?: [a-z]+)? inclus|\bapres(?: le)?)$`,
		throughTo: `\b(?:inclus|compris)\b`,
		until:     `\b(?:jusqu'(?:au|a|en)|avant(?: le)?|jusque)$`,
		from:      `\b(?:du|depuis(?: le)?|a partir du|a compter du|des(?: le)?)$`,
		to:        `^(?:au|-|jusqu'au|et)$`,
		gone:      `\b(?:absente?s?|absence|conges?|vacances|pas (?:au bureau|disponible|joignable)|hors du bureau|en deplacement|indisponible|ferme|ne (?:serai|suis) pas)\b`,
	},
	{
		name:      "es",
		back:      `\b(?:de vuelta|vuelvo|volvere|regreso|regresare|regresando|reincorpor\w*|retorno|retornare|de nuevo|nuevamente|disponible a partir|incorporare|vuelta)\b`,
		backAfter: `\b(?:estare|volvere|regresare|de vuelta|de nuevo)\b`,
		through:   `(?:\bhasta (?:el|la)? ?(?:dia )?inclusive|\bdespues del?)$`,
		throughTo: `\b(?:inclusive|incluido|inclusivo|ambos inclusive)\b`,
		until:     `\b(?:hasta(?: el)?(?: dia| proximo)?|antes del?)$`,
		from:      `\b(?:del?|desde(?: el)?|a partir del?)$`,
		to:        `^(?:al?|-|hasta el|hasta|y)$`,
		gone:      `\b(?:fuera de (?:la )?oficina|ausente|ausencia|vacaciones|no (?:estare|estoy) (?:disponible|en la oficina)|de viaje|de baja|cerrado|cerrada)\b`,
	},
	{
		name:      "it",
		back:      `\b(?:di ritorno|rientro|rientrero|rientrare|torno|tornero|ritorno|ritornero|di nuovo|nuovamente|disponibile (?:dal|a partire)|riprendero|sara riaperto|riapertura)\b`,
		backAfter: `\b(?:saro|tornero|rientrero|di nuovo)\b`,
		through:   `(?:\bfino (?:al|a|alla|all')(?: \w+)? (?:compreso|incluso)|\bdopo (?:il|l'))$`,
		throughTo: `\b(?:compreso|incluso|inclusi|compresi)\b`,
		until:     `\b(?:fino (?:al|a|alla|all'|ad)|sino (?:al|a)|prima del)$`,
		from:      `\b(?:dal|dall'|da|a partire dal)$`,
		to:        `^(?:al|all'|-|a|fino al|e)$`,
		gone:      `\b(?:fuori (?:ufficio|sede)|assente|assenza|ferie|vacanza|non (?:sono|saro) (?:in ufficio|disponibile|presente|raggiungibile)|in viaggio|malattia|chius[oi])\b`,
	},
	{
		name:      "nl",
		back:      `\b(?:terug|weer|retour|opnieuw bereikbaar|bereikbaar vanaf|aanwezig vanaf)\b`,
		backAfter: `\b(?:weer|terug|ben ik)\b`,
		through:   `(?:\btot en met|\bt/m|\bt\.?e\.?m\.?|\bna)$`,
		throughTo: `\b(?:inbegrepen)\b`,
		until:     `\b(?:tot|voor)$`,
		from:      `\b(?:van|vanaf|sinds)$`,
		to:        `^(?:tot|-|tot en met|t/m|t\.?e\.?m\.?|en)$`,
		gone:      `\b(?:niet (?:op kantoor|aanwezig|bereikbaar|in het kantoor)|afwezig|afwezigheid|vakantie|met verlof|verlof|vrij|gesloten|buiten kantoor)\b`,
	},
	{
		name:      "pt",
		back:      `\b(?:de volta|volto|voltarei|regresso|regressarei|retorno|retornarei|novamente|de novo|disponivel a partir)\b`,
		backAfter: `\b(?:estarei|voltarei|de volta)\b`,
		through:   `(?:\bate (?:o dia )?inclusive|\b(?:apos|depois de|depois do dia)(?: o)?(?: dia)?)$`,
		throughTo: `\b(?:inclusive)\b`,
		until:     `\b(?:ate(?: ao?)?(?: o)?(?: dia)?|antes de)$`,
		from:      `\b(?:de|do dia|desde|a partir de|a partir do dia)$`,
		to:        `^(?:a|ate|-|ao dia|ate ao dia|e)$`,
		gone:      `\b(?:ausente|ausencia|ferias|fora do escritorio|nao (?:estarei|estou)|de licenca|viagem|encerrado)\b`,
	},
	{
		name:      "sv",
		back:      `\b(?:tillbaka|ater|aterkommer|i tjanst igen|pa plats igen|nas igen)\b`,
		backAfter: `\b(?:ater|tillbaka|igen)\b`,
		through:   `(?:\btill och med|\bt\.?o\.?m\.?|\befter)(?: den)?$`,
		throughTo: `\b(?:inklusive)\b`,
		until:     `\b(?:till|tills|fram till|innan)(?: den)?$`,
		from:      `\b(?:fran|fr\.?o\.?m\.?|fran och med|sedan|mellan)(?: den)?$`,
		to:        `^(?:till|-|till och med|t\.?o\.?m\.?|och)$`,
		gone:      `\b(?:inte (?:pa kontoret|pa plats|i tjanst|tillganglig)|franvarande|ledig|semester|foraldraledig|bortrest|stangt)\b`,
	},
}
