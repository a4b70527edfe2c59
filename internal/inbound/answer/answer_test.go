package answer_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound/answer"
)

// quoted is what follows a reply in a mail of ours.
const ours = "Hi Anna,\njust following up.\n\nTo unsubscribe, click here: https://relance.example/u/abc\nUnsubscribe"

func marked(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }

// How programs introduce what they quote, each as it stands before the quote.
var introductions = map[string]struct {
	text   string
	marked bool // the quoted lines have ">"
}{
	"Gmail":                  {"On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:", true},
	"Gmail, broken":          {"On Mon, Mar 2, 2026 at 10:00 AM Bob Longname from Relance\n<bob@relance.example> wrote:", true},
	"Gmail, unmarked":        {"On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:", false},
	"Gmail German":           {"Am Mo., 2. März 2026 um 10:00 Uhr schrieb Bob <bob@relance.example>:", true},
	"Gmail French":           {"Le lun. 2 mars 2026 à 10:00, Bob <bob@relance.example> a écrit :", true},
	"Gmail French, nbsp":     {"Le lun. 2 mars 2026 à 10:00, Bob <bob@relance.example> a écrit\u00a0:", true},
	"Gmail Spanish":          {"El lun, 2 mar 2026 a las 10:00, Bob (<bob@relance.example>) escribió:", true},
	"Gmail Italian":          {"Il giorno lun 2 mar 2026 alle ore 10:00 Bob <bob@relance.example> ha scritto:", true},
	"Gmail Dutch":            {"Op ma 2 mrt 2026 om 10:00 schreef Bob <bob@relance.example>:", true},
	"Gmail Portuguese":       {"Em seg., 2 de mar. de 2026 às 10:00, Bob <bob@relance.example> escreveu:", true},
	"Gmail Swedish":          {"Den mån 2 mars 2026 kl 10:00 skrev Bob <bob@relance.example>:", true},
	"Gmail Polish":           {"pon., 2 mar 2026 o 10:00 Bob <bob@relance.example> napisał(a):", true},
	"Gmail Russian":          {"пн, 2 мар. 2026 г. в 10:00, Bob <bob@relance.example>:", true},
	"Gmail date first":       {"2026-03-02 10:00 GMT+01:00 Bob <bob@relance.example>:", true},
	"Apple Mail":             {"On 2 Mar 2026, at 10:00, Bob <bob@relance.example> wrote:", true},
	"Apple Mail German":      {"Am 02.03.2026 um 10:00 schrieb Bob <bob@relance.example>:", true},
	"Apple Mail Italian":     {"Il giorno 2 mar 2026, alle ore 10:00, Bob <bob@relance.example> ha scritto:", true},
	"Thunderbird":            {"On 3/2/26 10:00 AM, Bob wrote:", true},
	"Thunderbird German":     {"Am 02.03.26 um 10:00 schrieb Bob:", true},
	"Thunderbird Dutch":      {"Op 02-03-2026 om 10:00 schreef Bob:", true},
	"name first":             {"Bob <bob@relance.example> wrote on 02/03/2026 10:00:00:", true},
	"Chinese":                {"Bob <bob@relance.example> 于2026年3月2日周一 10:00写道：", true},
	"Outlook plain":          {"-----Original Message-----\nFrom: Bob <bob@relance.example>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Anna\nSubject: Hello\n", false},
	"Outlook German":         {"-----Ursprüngliche Nachricht-----\nVon: Bob <bob@relance.example>\nGesendet: Montag, 2. März 2026 10:00\nAn: Anna\nBetreff: Hallo\n", false},
	"Outlook French":         {"-----Message d'origine-----\nDe : Bob\nEnvoyé : lundi 2 mars 2026 10:00\nÀ : Anna\nObjet : Bonjour\n", false},
	"Outlook Spanish":        {"-----Mensaje original-----\nDe: Bob\nEnviado el: lunes, 2 de marzo de 2026 10:00\nPara: Anna\nAsunto: Hola\n", false},
	"Outlook Italian":        {"-----Messaggio originale-----\nDa: Bob\nInviato: lunedì 2 marzo 2026 10:00\nA: Anna\nOggetto: Ciao\n", false},
	"Outlook Dutch":          {"-----Oorspronkelijk bericht-----\nVan: Bob\nVerzonden: maandag 2 maart 2026 10:00\nAan: Anna\nOnderwerp: Hallo\n", false},
	"Outlook 365":            {"________________________________\nFrom: Bob <bob@relance.example>\nSent: Monday, March 2, 2026 10:00:00 AM\nTo: Anna <anna@example.com>\nSubject: Hello\n", false},
	"Outlook 365 German":     {"________________________________\nVon: Bob <bob@relance.example>\nGesendet: Montag, 2. März 2026 10:00:00\nAn: Anna <anna@example.com>\nBetreff: Hallo\n", false},
	"Outlook without a rule": {"From: Bob <bob@relance.example>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Anna <anna@example.com>\nSubject: Hello\n", false},
	"Outlook bold":           {"*From:* Bob <bob@relance.example>\n*Sent:* Monday, March 2, 2026 10:00 AM\n*To:* Anna <anna@example.com>\n*Subject:* Hello\n", false},
	"Android":                {"-------- Original message --------\nFrom: Bob <bob@relance.example>\nDate: 2/3/26 10:00 (GMT+01:00)\nTo: Anna\nSubject: Hello\n", false},
	"Forward of Gmail":       {"---------- Forwarded message ---------\nFrom: Bob <bob@relance.example>\nDate: Mon, Mar 2, 2026 at 10:00 AM\nSubject: Hello\nTo: Anna\n", false},
	"Swedish Outlook":        {"-----Ursprungligt meddelande-----\nFrån: Bob\nSkickat: den 2 mars 2026 10:00\nTill: Anna\nÄmne: Hej\n", false},
	"Portuguese Outlook":     {"-----Mensagem original-----\nDe: Bob\nEnviada em: segunda-feira, 2 de março de 2026 10:00\nPara: Anna\nAssunto: Olá\n", false},
	"Gmail without a blank":  {"On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example>wrote:", true},
	"Zoho":                   {"---- On Mon, 02 Mar 2026 10:00:00 +0100 Bob <bob@relance.example> wrote ----", true},
	"Yahoo":                  {"On Monday, March 2, 2026 at 10:00:00 AM GMT+1, Bob <bob@relance.example> wrote: ", false},
	"Gmail Polish, broken":   {"pon., 2 mar 2026 o 10:00 Bob Longname from Relance\n<bob@relance.example> napisał(a):", true},
	"Gmail Russian, broken":  {"пн, 2 мар. 2026 г. в 10:00, Bob Longname from Relance <\nbob@relance.example>:", true},
	"Gmail Finnish, broken":  {"ma 2. maalisk. 2026 klo 10.00 Bob Longname\n<bob@relance.example> kirjoitti:", true},
	"old Gmail, no word":     {"2026/3/2 Bob via Relance <bob@relance.example>", true},
	"date before sender":     {"Date: Mon, 2 Mar 2026 10:00:00 +0100\nFrom: bob@relance.example\nTo: anna@example.com\nSubject: Hello\n", false},
	"fields far apart":       {"From: Bob <bob@relance.example>\n\nSent: Monday, March 2, 2026 10:00 AM\n\nTo: Anna <anna@example.com>\n\nSubject: Hello\n", false},
	"Outlook Norwegian":      {"________________________________\nFra: Bob <bob@relance.example>\nDato: mandag 2. mars 2026 10:00\nTil: Anna <anna@example.com>\nKopi: Eve\nEmne: Hei\n", false},
	"Outlook Finnish":        {"Lähettäjä: Bob <bob@relance.example>\nPäivämäärä: maanantai 2. maaliskuuta 2026 klo 10.00\nVastaanottaja: Anna\nAihe: Hei\n", false},
	"Outlook Turkish":        {"Kimden: Bob <bob@relance.example>\nTarih: 2 Mart 2026 Pazartesi 10:00\nKime: Anna\nKonu: Selam\n", false},
	"Outlook Slovak":         {"Od: Bob <bob@relance.example>\nDátum: pondelok 2. marca 2026 10:00\nKomu: Anna\nPredmet: Ahoj\n", false},
	"Japanese fields":        {"---------- 転送 ---------\n送信元：Bob <bob@relance.example>\n日付：2026年3月2日 10:00\n件名：Hello\n送信先：Anna\n", false},
	"words nobody knows":     {"---- Mesej yang dimajukan ----\nFrom: Bob <bob@relance.example>\nDate: 2/3/2026 10:00\nSubject: Hello\nTo: Anna\n", false},
	"subject first, Polish":  {"--- Treść wiadomości ---\nTemat: Hello\nData: Mon, 2 Mar 2026 10:00:00 +0100\nNadawca: Bob <bob@relance.example>\nAdresat: Anna\n", false},
	"header in one line":     {"----- Továbbított levél ----- Feladó: Bob <bob@relance.example>Címzett: Anna <anna@example.com>Tárgy: Hello", false},
	"GroupWise":              {">>> Bob Longname <bob@relance.example> 3/2/2026 10:00 AM >>>", false},
	"Hungarian":              {"2026. márc. 2., h 10:00 időpontban Bob <bob@relance.example> ezt írta:", false},
	"Hungarian, name first":  {"Bob Longname <bob@relance.example> ezt írta (időpont: 2026. márc. 2., H 10:00):", false},
	"Ukrainian":              {"пн, 2 бер. 2026 р. о 10:00 Bob <bob@relance.example> пише:", false},
	"Finnish, name first":    {"Bob Longname kirjoitti 2.3.2026 kello 10.00:", false},
	"Greek":                  {"Στις Δευ 2 Μαρ 2026 στις 10:00 Bob <bob@relance.example> έγραψε:", false},
	"Korean":                 {"2026년 3월 2일 (월) 10:00, Bob <bob@relance.example>님이 작성:", true},
	"name and nothing more":  {"Bob Longname wrote:", true},
	"no introduction":        {"", true},
}

func TestOfDropsWhatIsQuotedBelow(t *testing.T) {
	t.Parallel()
	for name, intro := range introductions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quote := ours
			if intro.marked {
				quote = marked(ours)
			}
			require.Equal(t, "Thanks, call me on Tuesday.\n\nAnna", answer.Of("Thanks, call me on Tuesday.\n\nAnna\n\n"+intro.text+"\n"+quote))
			require.Empty(t, answer.Of("\n\n"+intro.text+"\n\n"+marked(ours)), "nothing of one's own")
		})
	}
}

// Some programs put no empty line between the answer and the line that introduces the quote.
func TestOfKeepsTheLineRightAboveAQuote(t *testing.T) {
	t.Parallel()
	for name, intro := range introductions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quote := ours
			if intro.marked {
				quote = marked(ours)
			}
			for _, own := range []string{
				"Let's talk on Tuesday.", "Opt out", "Only on Mondays.", "Open to it, call me at 10.", "Amazing, thanks!", "Demain, svp.",
				"On Tuesday at 10.", "Am Dienstag um 10 Uhr.", "Le 3 mars à 10 h.", "Den 3. gerne.", "Op 3 maart.", "El 3 de marzo.",
				"Sure, 10:00?", "2026-03-03 is fine.", "Please ask Eve <eve@example.com>.", "Unsubscribe", "No.",
			} {
				require.Equal(t, own, answer.Of(own+"\n"+intro.text+"\n"+quote))
				require.Equal(t, "Hi Bob,\n"+own, answer.Of("Hi Bob,\n"+own+"\n"+intro.text+"\n"+quote))
			}
		})
	}
}

func TestOfKeepsWhatIsWrittenBelowAndBetween(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Yes, gladly.", answer.Of("On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:\n"+marked(ours)+"\n\nYes, gladly.\n"))
	require.Equal(t, "Hi Bob,\n\nyes\n\nno", answer.Of("Hi Bob,\n\nAm 02.03.26 um 10:00 schrieb Bob:\n> one?\nyes\n> two?\n\nno\n"))
}

// Some programs mark a quote, then break its long lines without marking what they break off.
func TestOfDropsWhatSpillsOutOfAQuote(t *testing.T) {
	t.Parallel()
	intro := "Thanks!\n\nOn Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:\n"
	for _, quote := range []string{
		"> If you do not want to get such mails from us any more, just\nunsubscribe",
		"> This is written to you because your company may need what we sell, and\nunsubscribe\n> is the word to write if it does not.",
		"> If you would rather not hear from us any more, please open this page:\nhttps://relance.example/u/abcdefghijklmnopqrstuvwxyz\n",
	} {
		require.Equal(t, "Thanks!", answer.Of(intro+quote), quote)
	}
	for own, quote := range map[string]string{
		"yes":               "> Shall we talk?\n",
		"no thanks":         "> Would you like to see what we have made for companies such as yours this year?\n",
		"unsubscribe":       "> To unsubscribe, click here: https://relance.example/u/abcdefghijklmnopqrstuvwxyz\n",
		"Unsubscribe":       "> This is written to you because your company may need what we sell, and\n",
		"let us talk\nsoon": "> This is written to you because your company may need what we sell, and\n",
		"https://anna.example/prices-of-all-that-we-make": "> Could you please send me a link to your prices?\n",
	} {
		require.Equal(t, "Thanks!\n\n"+own, answer.Of(intro+quote+own), quote)
	}
}

// Below a signature only a marked quote can be followed by more of the sender's words.
func TestOfDropsTheRestOfAnUnmarkedQuoteBelowASignature(t *testing.T) {
	t.Parallel()
	for _, intro := range []string{
		"From: Bob <bob@relance.example>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Anna\nSubject: Hello\n",
		"On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:\n",
	} {
		require.Equal(t, "Thanks!", answer.Of("Thanks!\n\n-- \nAnna\n\n"+intro+"\nHi Anna,\nyou wrote\n> Ask me in March.\nNow it is March.\n\nUnsubscribe"), intro)
	}
	require.Equal(t, "Thanks!\n\nOne more thing.", answer.Of("Thanks!\n\n-- \nAnna\n\nOn 3/2/26 10:00 AM, Bob wrote:\n"+marked(ours)+"\n\nOne more thing."))
}

func TestOfKeepsWhatStandsBeforeAnAttributionInItsLine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Yes, call me. On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:\n" + marked(ours),
		"Yes, call me.--- On Mon, Mar 2, 2026 at 10:00 AM, bob@relance.example wrote:\n" + marked(ours),
		"Yes, call me. On Mon, Mar 2, 2026 at 10:00 AM Bob <bob@relance.example> wrote:\n" + ours,
		"Yes, call me. Am 02.03.2026 um 10:00 schrieb Bob <bob@relance.example>:\n" + marked(ours),
	} {
		require.Equal(t, "Yes, call me.", answer.Of(text), text)
	}
}

func TestOfKeepsWhatRulesPart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"First\n----\nWe need two of them.\n\nSecond\n----\nWe need three.\n\nAnna",
		"One\n---\n" + strings.Repeat("A line of a long text.\n", 20) + "Anna",
		"One\n____________________\nTwo",
	} {
		require.Equal(t, text, answer.Of(text))
	}
	for _, signature := range []string{"---\nAnna Miller\nSales", "—————\nAnna Miller\n+1 555 0100", "-----\nAnna\n\nOn 3/2/26 10:00 AM, Bob wrote:\n" + marked(ours)} {
		require.Equal(t, "Yes please.", answer.Of("Yes please.\n"+signature), signature)
	}
}

func TestOfDropsSignatures(t *testing.T) {
	t.Parallel()
	for _, signature := range []string{
		"-- \nAnna Miller\nUnsubscribe from our newsletter", "--\nAnna", "Sent from my iPhone", "Von meinem iPhone gesendet", "Gesendet von Outlook für Android",
		"Envoyé de mon iPhone", "Enviado desde mi iPhone", "Inviato da iPhone", "Verzonden vanaf mijn iPhone", "Get Outlook for iOS", "Sent from Mail for Windows", "Skickat från min iPhone", "Enviado do meu iPhone",
		"Get Outlook for iOS<https://links.example/a-long-link-that-leads-to-the-program>", "Download Outlook for Android<https://aka.ms/x>", "Hanki Outlook for iOS", "(Sent from my phone)", "Sent from my mobile, please excuse my spelling.",
		"Lähetetty puhelimesta", "Lähetetty iPhonesta", "Envoyé de mon Fairphone", "Inviato dal mio Pixel 8", "Verstuurd vanaf mijn Galaxy", "Wysłane z iPhone'a", "Отправлено из мобильной Почты", "Envoyé depuis l'application Mail Orange",
	} {
		require.Equal(t, "Yes please.", answer.Of("Yes please.\n\n"+signature+"\n"), signature)
	}
}

func TestOfKeepsSentences(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"On Monday we talked about the plan that Bob wrote down.\nIt is fine.",
		"From: my point of view this is good.\nRegards",
		"He wrote:\nI am fine",
		"Am Montag bin ich da.",
		"I have sent from my side all that is needed for you to go on with the project, so please do.",
		"The original message was clear.",
		"From: foo\n\nThanks for this.\nDate: any in March\nTo: be agreed\n",
		"To: do\nDate: open\nMore soon.\nFrom: me",
		"Let me think.\nAt 10 on Tuesday Eve, who knows more, can tell you what Bob wrote: it is fine.",
		"2026/3/2 is good for Eve <eve@example.com>",
		"Verzonden met de post, u hebt het dinsdag.",
		"Enviado pelo estafeta ontem à tarde.",
		"Sendt fra Berlin i går, takk.",
		"As Bob wrote:\nit is fine.",
		"-- one --\nFrom: here\nIt goes on.",
	} {
		require.Equal(t, strings.TrimSpace(text), answer.Of(text))
	}
}

func FuzzOf(f *testing.F) {
	for _, intro := range introductions {
		f.Add("Yes\n\n" + intro.text + "\n" + ours)
	}
	f.Fuzz(func(t *testing.T, text string) {
		require.LessOrEqual(t, len(answer.Of(text)), len(text)+1)
	})
}
