package unsubscribe

import "golang.org/x/text/language"

// words are what the page says in one language.
type words struct{ Title, Question, Button, Done, Broken, Later string }

var spoken = []struct {
	tag language.Tag
	words
}{
	{language.English, words{"Unsubscribe", "Do you want to receive no more emails from us?", "Unsubscribe",
		"You are unsubscribed. You will receive no more emails from us.", "This link is not complete, or it is not valid any more. Answer the email with “unsubscribe” instead.", "That was too much at once, or we cannot do it right now. Please try again in a minute."}},
	{language.German, words{"Abmelden", "Möchten Sie keine E-Mails mehr von uns erhalten?", "Abmelden",
		"Sie sind abgemeldet und erhalten keine E-Mails mehr von uns.", "Dieser Link ist unvollständig oder nicht mehr gültig. Bitte antworten Sie stattdessen auf die E-Mail mit „abmelden“.", "Das geht gerade nicht. Bitte versuchen Sie es in einer Minute noch einmal."}},
	{language.French, words{"Se désabonner", "Souhaitez-vous ne plus recevoir d’e-mails de notre part ?", "Se désabonner",
		"Vous êtes désabonné. Vous ne recevrez plus d’e-mails de notre part.", "Ce lien est incomplet ou n’est plus valable. Répondez à l’e-mail par « désabonner ».", "Ce n’est pas possible pour l’instant. Réessayez dans une minute."}},
	{language.Dutch, words{"Afmelden", "Wilt u geen e-mails meer van ons ontvangen?", "Afmelden",
		"U bent afgemeld. U ontvangt geen e-mails meer van ons.", "Deze link is onvolledig of niet meer geldig. Beantwoord de e-mail met “afmelden”.", "Dat lukt nu niet. Probeer het over een minuut opnieuw."}},
	{language.Spanish, words{"Darse de baja", "¿Desea no recibir más correos nuestros?", "Darme de baja",
		"Se ha dado de baja. No recibirá más correos nuestros.", "Este enlace está incompleto o ya no es válido. Responda al correo con «baja».", "Ahora no es posible. Vuelva a intentarlo en un minuto."}},
	{language.Italian, words{"Annulla l’iscrizione", "Vuole non ricevere più le nostre e-mail?", "Annulla l’iscrizione",
		"L’iscrizione è annullata. Non riceverà più le nostre e-mail.", "Questo link è incompleto o non è più valido. Risponda all’e-mail con «cancellami».", "Adesso non va. Riprovi tra un minuto."}},
	{language.Portuguese, words{"Cancelar a subscrição", "Deseja não receber mais os nossos e-mails?", "Cancelar",
		"A subscrição foi cancelada. Não receberá mais os nossos e-mails.", "Esta ligação está incompleta ou já não é válida. Responda ao e-mail com «cancelar».", "Agora não é possível. Tente de novo dentro de um minuto."}},
}

var matcher = func() language.Matcher {
	tags := make([]language.Tag, len(spoken))
	for i, one := range spoken {
		tags[i] = one.tag
	}
	return language.NewMatcher(tags)
}()

// wordsFor chooses by what a browser accepts (RFC 9110 §12.5.4); English when it says nothing.
func wordsFor(accepted string) (language.Tag, words) {
	_, at := language.MatchStrings(matcher, accepted)
	return spoken[at].tag, spoken[at].words
}
