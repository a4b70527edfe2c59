package inbound

import (
	"strings"

	"relance/internal/inbound/pattern"
)

// mostOptOut is how many words an answer may have that asks for no more mail and for
// nothing else.
const mostOptOut = 60

// optOut says whether the whole answer asks for no more mail, and in which words. Each of
// its sentences must either ask for it or be mere courtesy: "please don't stop" and "can we
// stop by on Monday" are none, and a footer below a real answer is not even looked at.
func optOut(m Mail) (string, bool) {
	said := ""
	for _, s := range sentences(m) {
		if !optOutSentence.MatchString(s) {
			s = strings.TrimSpace(salutation.ReplaceAllString(s, ""))
		}
		switch {
		case s == "":
		case optOutSentence.MatchString(s):
			if said == "" {
				said = s
			}
		case courtesy.MatchString(s):
		default:
			return "", false
		}
	}
	if said == "" && strings.TrimSpace(m.Answer) == "" && optOutSubject.MatchString(fold(m.Subject)) && len(m.InReplyTo) == 0 {
		return m.Subject, true // what a mail program sends to a List-Unsubscribe address
	}
	return said, said != ""
}

var (
	endsSentence = pattern.New(`[.!?;\n]+(?:\s|$)|\n+`)
	nameLine     = pattern.New(`^\pL[\pL.'’-]*(?: \pL[\pL.'’-]*){0,3}[,.]?$`)
	bareLine     = pattern.New(`^[^\pL]*$`)
)

// sentences are the folded sentences of an answer without salutation, sign-off and name;
// none when the answer is too long to ask for one thing only.
func sentences(m Mail) []string {
	if len(strings.Fields(m.Answer)) > mostOptOut {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(m.Answer), "\n")
	var text []string
	for i, line := range lines {
		line = strings.TrimSpace(line)
		folded := strings.Trim(fold(line), " ,.!")
		if i > 0 && signOff.MatchString(folded) {
			break // below stand the name and what belongs to it
		}
		last := i > 0 && i >= len(lines)-2
		if bareLine.MatchString(line) || last && nameLine.MatchString(line) && !optOutSentence.MatchString(folded) && ofSender(m, line) {
			continue
		}
		text = append(text, line)
	}
	var all []string
	for _, s := range endsSentence.Split(strings.Join(text, "\n"), -1) {
		if s = strings.Trim(fold(s), " ,.!:-\"'*"); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// ofSender says whether a line is the sender's name, or could be one.
func ofSender(m Mail, line string) bool {
	for _, a := range m.From {
		name := fold(a.Name + " " + strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(strings.SplitN(a.Address, "@", 2)[0]))
		for w := range strings.FieldsSeq(fold(line)) {
			if len(w) > 1 && strings.Contains(name, strings.Trim(w, ",.")) {
				return true
			}
		}
	}
	return false
}

const (
	politely  = `(?:please|pls|plz|kindly|just|hi|hello|bitte|svp|s'il (?:vous|te) plait|merci de|por favor|per favore|per cortesia|gentilmente|prego|alstublieft|aub|graag|gelieve|tack|vanligen|snalla|ok|no,?|thanks?,?|thank you,?|danke,?|nein,?|non,?|sorry,?|and|und|et|y|e|en|also|then|so|dear \w+,?)[ ,]*`
	ofTheList = `(?: (?:from|off|out of|of|aus|von|vom|auf|de|des|du|da|dal|dalla|dai|del|della|delle|van|uit|fran|all|any|any more|anymore|again|further|this|these|your|the|my|our|e-?mails?|mails?|messages?|mailing|mailings|distribution|contact|marketing|list|lists|lista|liste|listes|listen|verteiler|mailingliste|mailinglist|database|datenbank|base de donnees|newsletter|system|records|addr|me|us|mich|uns|moi|nous|to|an|a|at|ihrem|ihrer|ihre|eurem|eurer|dem|der|den|votre|vos|cette|ces|su|sus|tu|tus|esta|estas|este|vostra|vostro|vostre|tua|questa|questo|sua|suas|uw|je|jullie|deze|er|din|denna|immediately|now|asap|right away|sofort|umgehend|immediatement|inmediatamente|subito|direct|please|thanks|thank you|bitte|danke|merci|gracias|grazie|dank|bedankt|obrigado|obrigada|tack|svp|kindly|completely|permanently|in future|in the future|mehr|more|plus|mas|piu|meer|mais|mer|future|kunftig|zukunftig|correos|correo|mensajes|courriels?|messaggi|posta|berichten|emails|sequence|campaign|outreach|communications?|correspondence|for good|and (?:all|any) (?:other|further) (?:lists?|communications?)|do envio|envios|envio|contacts?))*`
)

var (
	salutation = pattern.New(`^(?:hi|hello|hey|dear|hallo|guten (?:tag|morgen)|sehr geehrte[rs]?|liebe[rs]?|bonjour|salut|chere?|hola|estimad[oa]|buenos dias|buongiorno|ciao|gentile|beste|geachte|goedendag|ola|prezad[oa]|hej)(?: (?:frau|herr|mr|mrs|ms|dr|team|all|there|mevrouw|meneer|madame|monsieur|senor|senora|signor|signora)\.?)?(?: [\pL'-]+){0,3}(?:,|$) ?`)
	signOff    = pattern.AnyOf(`^(?:(?:kind|best|warm|many|with(?: kind| best)?)? ?(?:regards|wishes)|best|cheers|sincerely|yours(?: (?:sincerely|truly|faithfully))?|thanks and regards|rgds|br|(?:mit )?(?:freundlichen|besten|vielen|herzlichen|schonen|liebe[nr]?|viele|beste) grusse?n?|mfg|lg|vg|gruss|grusse|cordialement|bien (?:cordialement|a vous)|salutations|sinceres salutations|saludos(?: cordiales)?|un saludo|atentamente|atte|cordiali saluti|distinti saluti|saluti|met vriendelijke groet(?:en)?|mvg|groet(?:en)?|hartelijke groet|atenciosamente|cumprimentos|att|med vanliga? halsningar?|mvh|halsningar?)(?: .{0,30})?$`)

	optOutSubject  = pattern.AnyOf(`^(unsubscribe|opt[ -]?out|remove( me)?|stop|abmelden|abmeldung|austragen|desabonner|desabonnement|desinscription|se desinscrire|baja|darse de baja|cancelar suscripcion|disiscrivi(mi)?|cancella(mi|zione)?|afmelden|uitschrijven|descadastrar|remover|avregistrera|отписаться|отписка)( addr| me)?$`)
	optOutSentence = pattern.New(`^(?:` + politely + `)*(?:` + strings.Join([]string{
		`(?:i (?:would like|'d like|want|wish|would prefer|'d prefer|need|hereby request|request|ask)(?: you)? (?:to )?(?:be )?|can you |could you |would you |will you |you can |you may |i'd appreciate (?:it )?if you (?:would|could) |ask(?:ing)? (?:you )?to )?(?:please |kindly |just )*` +
			`(?:unsubscribed?|un-subscribed?|unsub|opt(?:ed)?[ -]?(?:me )?out|removed?|delete[d]?|take|taken|strike|drop) ?(?:me|us|my (?:e-?mail|mail|address|e-?mail address|name|data|details|contact|contact details|information)|this (?:e-?mail|address|e-?mail address|mailbox)|our (?:address|e-?mail|company|domain)|addr)*` + ofTheList,
		`(?:unsubscribe|unsubscribed|unsub|remove|removed|stop|stopp|opt[ -]?out|cancel|cease|quit|end|desist|stop stop stop|cease and desist)` + ofTheList,
		`(?:can you |could you |would you |will you |i want you to |i would like you to |i'd like you to |you (?:should|must|need to) )?(?:please )?(?:stop|quit|cease)(?: all)? (?:sending|e-?mailing|mailing|contacting|writing|spamming|messaging|bothering|harassing|these|this|your|with|communication\w*|correspondence|it)` + ofTheList,
		`(?:please )?(?:do not|don't|dont|never|no longer) (?:e-?mail|mail|contact|write(?: to)?|message|send|spam|bother|reach out to|approach)` + ofTheList,
		`(?:i |we )?(?:do not|don't|dont|no longer) (?:want|wish|like|care)(?: to)? (?:receive|get|be contacted|be e-?mailed|hear|have|see)?(?: from| by)?` + ofTheList,
		`no (?:more|further) (?:e-?mails?|mails?|messages?|contact|communication|correspondence|spam|newsletters?)` + ofTheList,
		`(?:i |we )?(?:hereby )?(?:withdraw|revoke|object).{0,120}`,
		// German
		`(?:ich (?:mochte|will|wunsche|bitte (?:sie )?(?:um|darum)) |wir (?:mochten|wollen|wunschen|bitten (?:sie )?(?:um|darum)) |konnen sie |wurden sie )?(?:mich |uns |meine (?:e-?mail-?)?adresse |unsere (?:e-?mail-?)?adresse |diese (?:e-?mail-?)?adresse |meine daten )?(?:bitte )?(?:umgehend |sofort )?(?:aus |von |vom |auf )?(?:ihrem |ihrer |eurem |dem |der |ihren )?(?:verteiler|newsletter|liste|mailingliste|datenbank|e-?mail-?verteiler|mailverteiler|adressliste|verteilerliste)? ?(?:abmelden|abmeldung|austragen|loschen|entfernen|streichen|nehmen|nehmen sie mich.{0,40}|herausnehmen|rausnehmen|abbestellen|loschung|stop|stopp)(?: sie)?(?: mich| uns)?` + ofTheList,
		`(?:tragen|melden|nehmen|streichen|loschen|entfernen) sie (?:bitte )?(?:mich|uns|meine .{0,30}|diese .{0,30}|unsere .{0,30})(?: bitte)?(?: umgehend| sofort)?(?: (?:aus|von|vom) .{0,40})?(?: ab| aus| raus| heraus)?`,
		`(?:bitte )?keine (?:weiteren )?(?:e-?mails?|mails?|nachrichten|werbung|newsletter|anfragen)(?: mehr)?(?: (?:an|von) .{0,30})?(?: (?:senden|schicken|zusenden|zuschicken|erhalten|bekommen))?`,
		`(?:ich |wir )?(?:mochten?|wunschen?|wollen?|will) keine (?:weiteren )?(?:e-?mails?|mails?|nachrichten|werbung|newsletter)(?: mehr)?(?: (?:von|an) .{0,30})?(?: (?:erhalten|bekommen|haben))?`,
		`(?:schreiben|kontaktieren|schicken|senden) sie (?:mir|mich|uns) (?:bitte )?(?:nicht(?: mehr)?|keine .{0,30})(?: (?:mehr|an))?|(?:bitte )?(?:schreiben|kontaktieren) sie (?:mir|mich|uns) nicht (?:mehr|wieder)`,
		// French
		`(?:je (?:souhaite|veux|voudrais|desire|demande a|vous demande de)|nous (?:souhaitons|voulons)|pouvez-vous|pourriez-vous|veuillez|merci de|merci de bien vouloir)? ?(?:me |nous |etre |ne plus |vous |m'|se )*(?:desabonnee?r?|desabonnez(?:-moi)?|desinscrire|desinscription|desabonnement|desinscrivez(?:-moi)?|desinscrite?|retirer|retirez(?:-moi)?|supprimer|supprimez(?:-moi)?|enlever|enlevez(?:-moi)?|radier)(?: (?:moi|nous|mon (?:adresse|e-?mail|mail|nom)|mes (?:donnees|coordonnees)|notre adresse))?` + ofTheList,
		`(?:je |nous )?(?:ne )?(?:souhaite|souhaitons|veux|voulons|desire) (?:plus|pas) (?:recevoir|etre contactee?s?).{0,50}|(?:merci de |veuillez |pouvez-vous )?ne plus (?:me |nous )?(?:contacter|ecrire|envoyer|solliciter|recevoir).{0,50}|(?:arretez|cessez|arreter|cesser) (?:de |d'|ces |vos |tout ).{2,50}|ne (?:me|nous) (?:contactez|ecrivez|envoyez) plus.{0,40}|plus (?:de |d')(?:e-?mails?|mails?|messages?|courriels?)(?: svp| merci)?`,
		// Spanish, Portuguese
		`(?:quiero|quisiera|deseo|queremos|deseamos|solicito|pueden?|podrian?|me gustaria)? ?(?:que )?(?:me |nos )?(?:dar(?:me|nos|se)? de baja|de(?:n|nme|nnos|me|nos)? de baja|darme de baja|baja|cancelar (?:la |mi )?suscripcion|eliminar(?:me|nos)?|elimin(?:en|e)(?:me|nos)?|borrar(?:me|nos)?|borr(?:en|e)(?:me|nos)?|quitar(?:me|nos)?|remover|retirar|retirem|remova(?:m)?|descadastr\w*|desinscrev\w*|cancelar (?:a )?(?:minha )?(?:inscricao|assinatura))(?: (?:me|mi (?:correo|direccion|email)|meu (?:e-?mail|endereco|nome)|mis datos|meus dados))?` + ofTheList,
		`no (?:quiero|deseo|queremos|deseamos) (?:recibir|que me).{0,50}|(?:por favor )?no (?:me |nos )?(?:envien?|escriban?|contacten?|manden?).{0,50}|dejen? de (?:enviar|escribir|mandar|contactar)\w*.{0,40}|nao (?:quero|desejo|queremos) (?:receber|mais).{0,50}|nao (?:me )?(?:envie|envie(?:m)|contacte|escreva)m? mais.{0,40}|pare(?:m)? de (?:enviar|mandar|me).{0,40}`,
		// Italian
		`(?:vorrei|voglio|vogliamo|desidero|chiedo di|richiedo|vi prego di|la prego di|potete|puo)? ?(?:essere )?(?:disiscriver\w*|disiscriv\w*|cancellar\w*|cancellat[oaei]|cancellazione|cancellate(?:mi|ci)|cancella(?:mi)?|rimuover\w*|rimuov\w*|rimozione|rimoss[oaei]|togliete(?:mi|ci)|togliere|eliminat\w*)(?: (?:me|il mio (?:indirizzo|nominativo|contatto)|la mia (?:mail|e-?mail)|i miei dati|il nostro indirizzo))?` + ofTheList,
		`(?:non|basta) (?:desidero|voglio|desideriamo|vogliamo)? ?(?:piu )?(?:ricevere|inviarmi|inviateci|inviatemi|contattatemi|scrivetemi|contattarmi|scrivermi|contattateci|mandatemi|mail|e-?mail|messaggi).{0,50}`,
		// Dutch, Swedish
		`(?:ik wil(?: me)?|wij willen|we willen|ik wens|kunt u|kun je|zou u|wilt u|wil je)? ?(?:me |mij |mijn (?:adres|e-?mail|e-?mailadres|gegevens) |ons |onze gegevens |dit adres )*(?:graag )?(?:uit |van |voor )?(?:uw |de |jullie |je |deze )?(?:lijst |mailinglijst |mailinglist |nieuwsbrief |bestand |mailing |database )?(?:te )?(?:afmelden|uitschrijven|uitschrijving|afmelding|verwijderen|verwijder|schrijf|meld|halen|haal)(?: (?:me|mij|ons|mijn .{0,30}))?(?: (?:uit|af|van|voor) ?.{0,40})?`,
		`(?:ik |wij |we )?(?:wil|willen|wens) geen (?:e-?mails?|mails?|berichten|reclame|nieuwsbrief).{0,40}|geen (?:e-?mails?|mails?|berichten) meer.{0,30}|(?:stop|stoppen) met (?:mailen|het sturen|sturen|e-?mailen).{0,40}|(?:neem|stuur|mail) .{0,20}(?:geen|niet) .{0,20}meer.{0,30}`,
		`(?:jag vill |kan ni |kan du )?(?:avregistrera|avanmala|avprenumerera|ta bort|avsluta prenumeration\w*)(?: mig| oss| min .{0,30})?` + ofTheList + `|(?:jag )?(?:vill|onskar) inte (?:ha|fa|bli).{0,50}|sluta (?:maila|mejla|skicka|kontakta).{0,40}`,
		`отпи(?:сать|шите|ска)(?:ся)?.{0,40}|удалите меня.{0,40}|не (?:пишите|присылайте).{0,40}|退订|取消订阅|配信停止.{0,20}`,
	}, "|") + `)(?:[ ,]+(?:please|pls|thanks|thank you|thx|bitte|danke|merci|svp|gracias|por favor|grazie|per favore|dank u|bedankt|alstublieft|aub|obrigad[oa]|tack|asap|immediately|now|today|at once))*$`)

	courtesy = pattern.New(`^(?:` + politely + `)*(?:` + strings.Join([]string{
		`(?:no )?(?:thanks?|thank you|thx|ty)(?: (?:you|very much|so much|anyway|in advance|for (?:your )?(?:understanding|the offer|reaching out|your (?:e-?mail|message|interest|offer))|but no.{0,20}))*`, `no`, `nope`, `please`, `hi`, `hello`, `hey`, `sorry`, `ok`, `good luck`, `all the best`,
		`(?:i am|i'm|we are|we're)?(?: really| currently)? ?not interested(?: (?:in (?:this|your|it|these).{0,40}|at (?:this|the) (?:time|moment)|thanks|thank you|anymore|at all|sorry))*`, `no interest(?: .{0,20})?`, `not relevant(?: .{0,20})?`, `we (?:do not|don't) need (?:this|it|your .{0,20})`,
		`(?:i|we) (?:never|did not|didn't) (?:signed?|subscribed?|sign|subscribe|opt(?:ed)?|ask(?:ed)?|request(?:ed)?|agreed?|give|gave|register(?:ed)?).{0,60}`, `this is (?:spam|unsolicited|annoying).{0,30}`, `spam`,
		`(?:vielen |besten |herzlichen )?dank(?:e)?(?: .{0,30})?`, `(?:wir haben |ich habe |es besteht )?kein interesse(?: .{0,40})?`, `nein danke`, `nein`, `guten tag`, `hallo(?: \pL+)?`,
		`(?:non )?merci(?: .{0,30})?`, `(?:je ne suis |nous ne sommes )?pas interessee?s?(?: .{0,20})?`, `bonjour(?: \pL+)?`, `cordialement`,
		`(?:muchas )?gracias(?: .{0,30})?`, `no (?:estoy|estamos|me|nos) interesad?[oa]?s?.{0,20}`, `no me interesa`, `hola(?: \pL+)?`, `saludos`,
		`(?:mille |molte )?grazie(?: .{0,30})?`, `non (?:sono |siamo )?interessat[oi](?: .{0,20})?`, `buongiorno(?: \pL+)?`, `salve`, `saluti`,
		`(?:dank u|dank je|bedankt|hartelijk dank)(?: .{0,30})?`, `(?:geen|niet) (?:interesse|geinteresseerd)(?: .{0,20})?`, `obrigad[oa](?: .{0,20})?`, `tack(?: .{0,20})?`, `inte intresserad(?: .{0,20})?`,
	}, "|") + `)$`)
)
