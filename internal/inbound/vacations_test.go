package inbound_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

// Vacation answers as people write them; they come in on Monday, 2 March 2026. An empty
// date is an undated absence.
func TestVacations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, back string }{
		{"Hello,\n\nThank you for your email. I am out of the office from Monday 2nd March to Friday 6th March inclusive, with no access to email. For urgent matters please contact john@example.com or call +44 20 7946 0958.\n\nKind regards", "2026-03-07"},
		{"I am currently out of the office and will return on 03/10/2026. If you need immediate assistance please call 555-123-4567.", "2026-03-10"},
		{"Thanks for your message! I'm on PTO through Friday 3/6 and will respond when I'm back on Monday 3/9.", "2026-03-09"},
		{"I'll be out of the office starting 02/27/2026 through 03/08/2026, returning 03/09/2026.", "2026-03-09"},
		{"I am on maternity leave until mid-April. Please reach out to Jane.", "2026-04-16"},
		{"I will be OOO 3/2 - 3/6.", "2026-03-07"},
		{"I'm traveling for work until Thursday and may be slow to respond.", "2026-03-05"},
		{"Out of office: back Tuesday", "2026-03-03"},
		{"I am out of the office until Monday 16 March at 9.00am.", "2026-03-16"},
		{"Our offices are closed until Monday, March 9th. We will reply as soon as possible.", "2026-03-09"},
		{"I am away on business from March 2nd and return on the 9th of March.", "2026-03-09"},
		{"I will be away from the office between 2 and 13 March.", "2026-03-14"},
		{"I am out of the office returning Monday the 9th of March", "2026-03-09"},
		{"I'm out of office today, Monday, 2 March, and will be back tomorrow, 3 March.", "2026-03-03"},
		{"I will be out of the office until further notice.", ""},
		{"Vielen Dank für Ihre Nachricht.\nIch bin ab dem 02.03.2026 bis einschließlich 13.03.2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.\nIn dringenden Fällen wenden Sie sich bitte an Frau Schmidt (schmidt@example.com, Tel. 030/12 34 56-78).\nMit freundlichen Grüßen", "2026-03-14"},
		{"Sehr geehrte Damen und Herren,\nich bin derzeit nicht im Haus. Am 16.3. bin ich wieder persönlich erreichbar.", "2026-03-16"},
		{"Ich befinde mich bis zum 13. März im Urlaub und bin ab Montag, den 16. März, wieder im Büro.", "2026-03-16"},
		{"Ich bin bis Freitag, 06.03.2026 abwesend.", "2026-03-06"},
		{"Ich bin am Donnerstag wieder da.", "2026-03-05"},
		{"Ich bin zur Zeit im Urlaub und ab 9.3. wieder erreichbar.", "2026-03-09"},
		{"Abwesend bis 13.3.26", "2026-03-13"},
		{"Ich bin in der Zeit vom 02.03. – 06.03.2026 nicht erreichbar.", "2026-03-07"},
		{"Wir haben Betriebsferien vom 2.3. bis und mit 13.3.2026.", "2026-03-14"},
		{"Ich bin heute und morgen nicht im Büro.", "2026-03-04"},
		{"Ich bin kommende Woche wieder erreichbar.", "2026-03-09"},
		{"Bin vom 02.03.-13.03. im Urlaub", "2026-03-14"},
		{"Ich bin bis KW 11 abwesend.", ""},
		{"Bonjour,\nJe suis actuellement absent et serai de retour le lundi 9 mars 2026.\nEn cas d'urgence, contactez Marie au 01 42 68 53 00.", "2026-03-09"},
		{"Je suis en congé jusqu'au vendredi 13 mars inclus. Je répondrai à votre message à mon retour.", "2026-03-14"},
		{"Absent du bureau du lundi 2 mars au vendredi 13 mars.", "2026-03-14"},
		{"Je suis absente jusqu'à lundi.", "2026-03-09"},
		{"Actuellement en déplacement, je serai de retour au bureau mercredi 4 mars.", "2026-03-04"},
		{"Je suis en congés et vous répondrai dès mon retour le 16/03.", "2026-03-16"},
		{"Je suis absent cette semaine.", "2026-03-09"},
		{"Nos bureaux seront fermés jusqu'au 8 mars inclus.", "2026-03-09"},
		{"Ik ben tot en met vrijdag 13 maart 2026 afwezig. Uw mail wordt niet doorgestuurd.", "2026-03-14"},
		{"Ik ben met vakantie van 2 t/m 13 maart.", "2026-03-14"},
		{"Ik ben afwezig. Vanaf maandag 9 maart ben ik weer bereikbaar.", "2026-03-09"},
		{"Ik ben deze week niet op kantoor.", "2026-03-09"},
		{"Ik ben morgen weer aanwezig.", "2026-03-03"},
		{"Ik ben op 9 maart terug.", "2026-03-09"},
		{"Vanwege vakantie ben ik afwezig tot maandag 16 maart.", "2026-03-16"},
		{"Gracias por su mensaje. Me encuentro fuera de la oficina hasta el lunes 9 de marzo. Para asuntos urgentes: +34 91 123 45 67.", "2026-03-09"},
		{"Estaré de vacaciones desde el 2 hasta el 13 de marzo (ambos inclusive).", "2026-03-14"},
		{"Me reincorporo el próximo 16 de marzo.", "2026-03-16"},
		{"Estoy de baja hasta nuevo aviso.", ""},
		{"Estaré ausente del 02/03/2026 al 06/03/2026.", "2026-03-07"},
		{"Volveré la semana que viene.", "2026-03-09"},
		{"Vuelvo mañana.", "2026-03-03"},
		{"Grazie per il messaggio. Sono fuori ufficio fino a venerdì 13 marzo compreso e rientrerò lunedì 16 marzo.", "2026-03-16"},
		{"Sarò in ferie dal 2 al 6 marzo compresi. Per urgenze 02 1234567.", "2026-03-07"},
		{"Sono assente fino al 09/03.", "2026-03-09"},
		{"L'ufficio è chiuso fino al 6 marzo.", "2026-03-06"},
		{"Sarò assente questa settimana, rientro lunedì prossimo.", "2026-03-09"},
		{"Tornerò domani.", "2026-03-03"},
		{"Estarei ausente até 13/03/2026.", "2026-03-13"},
		{"Estou de férias e retorno em 16/03.", "2026-03-16"},
		{"Jag är på semester och är tillbaka den 9 mars.", "2026-03-09"},
		{"Jag är ledig t.o.m. 13/3.", "2026-03-14"},
		{"I'm on annual leave and will be back in the office on 9.3.2026", "2026-03-09"},
		{"On leave from 28 Feb 2026 till 8 Mar 2026 (back 9 Mar)", "2026-03-09"},
		{"I am out of the office. My mobile is 0171 / 12 03 20 26.", ""},
		{"Office hours: Monday to Friday 9-17. I am away and will reply on my return.", ""},
		{"I am currently on holiday, returning 1st April.", "2026-04-01"},
		{"Thank you for your email dated 2 March. I am away from my desk until 4 March.", "2026-03-04"},
		{"Please note that I am working part-time: Monday - Wednesday. Back next Monday.", "2026-03-09"},
		{"I am on vacation until Sunday, March 8th, back in the office Monday, March 9th", "2026-03-09"},
		{"I will be out of the office from tomorrow until 12th March", "2026-03-13"},
		{"I'm out for the rest of the week.", "2026-03-09"},
		{"I'm away for two weeks.", "2026-03-17"},
		{"I am out of office until the 10th.", "2026-03-10"},
		{"Ich bin bis zum 10. nicht im Büro.", "2026-03-10"},
		{"I'll be back on the 12th.", "2026-03-12"},
		{"Ich bin nach Ostern wieder da.", ""},
		{"I am out of office until Christmas", ""},
	} {
		m, v := inbound.Judge(from(test.text+footer, "Auto-Submitted: auto-replied", "Subject: Automatic reply: Quick question"), arrived, self)
		require.Equal(t, inbound.OutOfOffice, v.Kind, "%q: %s", m.Answer, v.Reason)
		if test.back == "" {
			require.True(t, v.Away.Undated, "%q: %s", m.Answer, v.Reason)
			continue
		}
		require.Equal(t, test.back, v.Away.Return.Format(time.DateOnly), "%q, in the words %q", m.Answer, v.Away.Words)
	}
}

// Dates are reckoned from the mail's arrival, over the end of the year too.
func TestVacationsOverTheYear(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ arrived, text, back string }{
		{"2026-01-02", "Ich bin bis einschließlich 09.01. nicht im Büro, Tel. +49 30 1234567.", "2026-01-10"},
		{"2025-12-22", "Ich bin bis einschließlich 06.01. im Urlaub.", "2026-01-07"},
		{"2025-12-29", "I am out of the office until January 5.", "2026-01-05"},
		{"2025-12-29", "I am out of the office until 5 January 2025.", ""},
		{"2025-12-19", "Je suis en congés du 22/12 au 02/01 inclus.", "2026-01-03"},
		{"2025-12-19", "Our offices are closed from December 24 to January 1.", "2026-01-02"},
		{"2026-02-27", "Ich bin bis Ende Februar abwesend.", "2026-03-01"},
		{"2026-03-01", "I will be back on Monday.", "2026-03-02"},
		{"2026-03-08", "Ich bin ab Montag wieder da.", "2026-03-09"},
	} {
		at, err := time.Parse(time.DateOnly, test.arrived)
		require.NoError(t, err)
		_, v := inbound.Judge(from(test.text, "Auto-Submitted: auto-replied"), at.Add(10*time.Hour), self)
		require.Equal(t, inbound.OutOfOffice, v.Kind, "%q: %s", test.text, v.Reason)
		if test.back == "" {
			require.True(t, v.Away.Undated, "%q: %s", test.text, v.Reason)
			continue
		}
		require.Equal(t, test.back, v.Away.Return.Format(time.DateOnly), "%q, in the words %q", test.text, v.Away.Words)
	}
}
