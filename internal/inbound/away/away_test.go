package away_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound/away"
)

// monday is when the answers of these tests come in: 2 March 2026.
var monday = time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("CET", 3600))

func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		back       string // the first day back; empty when no date is to be found
		inclusive  bool
	}{
		// English
		{"returning on", "I am currently away returning to the office on March 5th. I will have limited access.", "2026-03-05", false},
		{"back on", "I'm out of the office and will be back on Monday, March 9.", "2026-03-09", false},
		{"back weekday", "Thanks for your mail. I'm on leave and back on Thursday.", "2026-03-05", false},
		{"next Monday", "I will be back in the office next Monday.", "2026-03-09", false},
		{"until", "I am out of office until 10 March 2026.", "2026-03-10", false},
		{"through", "I am out of the office through March 13.", "2026-03-14", true},
		{"up to and including", "I'm away up to and including 13 March.", "2026-03-14", true},
		{"inclusive behind", "I am on leave from 2 March to 6 March inclusive.", "2026-03-07", true},
		{"range", "I'll be on vacation March 10-20 with no access to mail.", "2026-03-21", true},
		{"range of two dates", "I am out of the office from 3/2/2026 to 3/13/2026.", "2026-03-14", true},
		{"range and return", "I am out of office from 2 March until 6 March and will be back on 9 March.", "2026-03-09", false},
		{"start only", "Starting March 9 I will be working from our new office.", "", false},
		{"tomorrow", "I'm travelling today and will be back tomorrow.", "2026-03-03", false},
		{"this week", "I am out of the office this week.", "2026-03-09", true},
		{"next week", "I am on holiday and will return next week.", "2026-03-09", false},
		{"in two weeks", "I'll be back in two weeks.", "2026-03-16", false},
		{"end of month", "I am away until the end of March.", "2026-04-01", true},
		{"slashes, British by the calendar", "I return on 13/03/2026.", "2026-03-13", false},
		{"slashes, American by the calendar", "I return on 03/13/2026.", "2026-03-13", false},
		{"slashes, both possible: the later", "I return on 3/4.", "2026-04-03", false},
		{"slashes, proved by the weekday", "I will be back on Wednesday, 3/4.", "2026-03-04", false},
		{"ISO", "Out of office until 2026-03-12.", "2026-03-12", false},
		{"not before", "I will not be back before March 16.", "2026-03-16", false},
		{"after", "I will answer after March 13.", "2026-03-14", true},
		{"today", "I am out of the office today.", "2026-03-03", true},
		{"single day", "I am out of the office on Tuesday, March 3.", "2026-03-04", true},
		{"resume", "Annual leave. I resume work on Mon 9th March.", "2026-03-09", false},
		{"month before day with year", "I will be out until Monday, March 16th, 2026.", "2026-03-16", false},
		{"two months", "I am away from 28 February to 20 March, back 23 March.", "2026-03-23", false},
		{"mail of a day", "I got your mail of Tuesday, and I will read it.", "", false},
		{"respond on", "I'll respond to your message when I return on 10 March.", "2026-03-10", false},
		{"with limited access", "I am out of the office with limited email access and return Monday.", "2026-03-09", false},
		{"until weekday date", "Out of office until Thursday, 12 March 2026", "2026-03-12", false},
		{"colleague's date", "I am away until 12 March. In urgent cases call Bob, who is back on 4 March.", "2026-03-12", false},
		{"capitals", "OUT OF OFFICE UNTIL MARCH 12", "2026-03-12", false},

		// German
		{"de bis einschließlich", "Ich bin bis einschließlich 09.03. nicht im Büro, Tel. +49 30 1234567.", "2026-03-10", true},
		{"de bis", "ich bin bis zum 13.03.2026 im Urlaub.", "2026-03-13", false},
		{"de wieder ab", "Ich bin derzeit nicht im Haus und ab dem 10. März wieder erreichbar.", "2026-03-10", false},
		{"de zurück am", "Ich bin am Montag, den 09.03.2026, wieder zurück.", "2026-03-09", false},
		{"de wieder am", "Sie erreichen mich wieder am 12. März 2026.", "2026-03-12", false},
		{"de vom bis", "Ich bin vom 02.03. bis 13.03. nicht im Büro.", "2026-03-14", true},
		{"de vom bis lang", "Vom 2. bis 13. März bin ich im Urlaub.", "2026-03-14", true},
		{"de nächsten Montag", "Ab nächsten Montag bin ich wieder für Sie da.", "2026-03-09", false},
		{"de zwei Wochen", "Ich bin in zwei Wochen wieder da.", "2026-03-16", false},
		{"de nächste Woche", "Ich bin erst nächste Woche wieder im Büro.", "2026-03-09", false},
		{"de diese Woche", "Ich bin diese Woche nicht im Büro.", "2026-03-09", true},
		{"de morgen", "Ich bin heute nicht im Büro und morgen wieder erreichbar.", "2026-03-03", false},
		{"de ohne Punkt", "Ich bin bis 13.03 abwesend.", "2026-03-13", false},
		{"de Ende", "Ich bin bis Ende März in Elternzeit.", "2026-04-01", true},
		{"de inkl", "Urlaub bis inkl. 13.03.2026", "2026-03-14", true},

		{"de Tag dahinter", "Am Dienstag, 3. März, bin ich nicht im Büro.", "2026-03-04", true},
		{"de über Neujahr zwei Daten", "Ich habe Urlaub (02.03.2026 - 13.03.2026). Ab dem 16.03.2026 bin ich wieder für Sie da.", "2026-03-16", false},
		{"de Satz dazwischen", "Ich bin nicht im Büro. Ihre Nachricht vom 02.03.2026 wird nicht weitergeleitet.", "", false},
		{"de bis mit Wochentag", "Ich bin bis einschl. Freitag, den 13. März 2026, nicht erreichbar.", "2026-03-14", true},
		{"de KW", "Ich bin wieder ab Montag erreichbar.", "2026-03-09", false},
		{"de Mitte", "Ich bin bis Mitte März nicht da.", "2026-03-16", false},

		// French
		{"fr de retour le", "Je suis absent du bureau, de retour le 9 mars.", "2026-03-09", false},
		{"fr jusqu'au", "Je suis en congés jusqu'au 13 mars 2026.", "2026-03-13", false},
		{"fr jusqu'au inclus", "Absente jusqu'au 13/03 inclus.", "2026-03-14", true},
		{"fr du au", "Je serai absent du 2 au 13 mars.", "2026-03-14", true},
		{"fr numbers", "Je suis en congés du 02/03/2026 au 13/03/2026.", "2026-03-14", true},
		{"fr lundi prochain", "Je serai de retour lundi prochain.", "2026-03-09", false},
		{"fr à partir du", "Je serai à nouveau joignable à partir du 10 mars.", "2026-03-10", false},
		{"fr semaine prochaine", "Je serai de retour la semaine prochaine.", "2026-03-09", false},
		{"fr 1er", "Je reviens le 1er avril.", "2026-04-01", false},
		{"fr dans", "Je serai de retour dans deux semaines.", "2026-03-16", false},

		// Dutch
		{"nl tot en met", "Ik ben afwezig tot en met 13 maart.", "2026-03-14", true},
		{"nl t/m", "Ik ben t/m 13-03-2026 niet op kantoor.", "2026-03-14", true},
		{"nl tot", "Ik ben met vakantie tot 16 maart.", "2026-03-16", false},
		{"nl weer", "Maandag 9 maart ben ik weer aanwezig.", "2026-03-09", false},
		{"nl terug op", "Ik ben terug op woensdag 11 maart.", "2026-03-11", false},
		{"nl volgende week", "Ik ben volgende week weer bereikbaar.", "2026-03-09", false},
		{"nl van tot", "Ik ben van 2 maart tot 13 maart afwezig.", "2026-03-14", true},

		// Spanish
		{"es hasta el", "Estoy fuera de la oficina hasta el 13 de marzo.", "2026-03-13", false},
		{"es vuelta", "Estaré de vuelta el lunes 9 de marzo de 2026.", "2026-03-09", false},
		{"es inclusive", "Estaré ausente hasta el 13 de marzo inclusive.", "2026-03-14", true},
		{"es del al", "Estaré de vacaciones del 2 al 13 de marzo.", "2026-03-14", true},
		{"es regreso", "Regreso el 10/03/2026.", "2026-03-10", false},
		{"es próxima semana", "Vuelvo la próxima semana.", "2026-03-09", false},
		{"es lunes", "Vuelvo el próximo lunes.", "2026-03-09", false},

		// Italian
		{"it fino al", "Sono fuori ufficio fino al 13 marzo.", "2026-03-13", false},
		{"it rientro", "Sono in ferie, rientro il 16 marzo 2026.", "2026-03-16", false},
		{"it compreso", "Sarò assente fino al 13 marzo compreso.", "2026-03-14", true},
		{"it dal al", "Sono in ferie dal 2 al 13 marzo.", "2026-03-14", true},
		{"it tornerò", "Tornerò in ufficio lunedì 9 marzo.", "2026-03-09", false},
		{"it numbers", "Sarò di nuovo in ufficio dal 09/03/2026.", "2026-03-09", false},

		// Portuguese, Swedish
		{"pt até", "Estou de férias até 13 de março.", "2026-03-13", false},
		{"pt volto", "Volto no dia 16 de março.", "2026-03-16", false},
		{"sv till och med", "Jag är på semester till och med 13 mars.", "2026-03-14", true},
		{"sv tillbaka", "Jag är tillbaka måndag den 9 mars.", "2026-03-09", false},
		{"sv åter", "Jag är inte på kontoret. Åter den 10 mars.", "2026-03-10", false},

		// No date of absence
		{"telephone", "I am out of office. Call me on 030 12.03.44 or +49 170 3/4 55.", "", false},
		{"phone with dots", "Back soon. Tel: 01.03.44.55.66", "", false},
		{"24/7", "We are available again 24/7.", "", false},
		{"past", "I am out of office until February 20.", "", false},
		{"too far", "I am on parental leave until 1 September 2026.", "", false},
		{"another date", "Thank you for your mail of March 5. We have received it.", "", false},
		{"hours", "Our office is closed. We are back from 9.30 to 17.00.", "", false},
		{"no date", "I am out of the office with limited access to mail.", "", false},
		{"promised answer", "We will reply within 2 business days.", "", false},
		{"address", "I am away. 12 May Street, Springfield", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, ok := away.Find(monday, test.text)
			if test.back == "" {
				require.False(t, ok, "%q: found %v in %q", test.text, got.Return(), got.Words)
				return
			}
			require.True(t, ok, "%q: nothing was found", test.text)
			require.Equal(t, test.back, got.Return().Format(time.DateOnly), "%q, in the words %q", test.text, got.Words)
			require.Equal(t, test.inclusive, got.Inclusive, "%q, in the words %q", test.text, got.Words)
			require.NotEmpty(t, got.Words)
		})
	}
}
