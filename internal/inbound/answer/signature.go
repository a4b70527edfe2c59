package answer

import (
	"strings"

	"relance/internal/inbound/pattern"
)

// ofDevice is what follows "sent from" in other languages than English: "my" and a few words,
// or a device or program, so that "envoyé de Paris hier" stays.
const ofDevice = `(?:(?:mon|ma|mi|mio|mia|mijn|min|mitt|meu|minha|moj\pL+|m(?:é|e)ho|моего|моей)\s\S+(?:\s\S+){0,4}|.{0,40}(?:phone|ipad|ipod|android|t(?:é|e)l(?:é|e)f|puhelim|laitte|m(?:ó|o)vil|mobil|mobiel|мобильн|телефон|устройств|handy|cellulare|celular|tablet|ordinateur|aplica|applica|samsung|galaxy|huawei|xiaomi|redmi|oppo|pixel|nokia|htc|sony|xperia|motorola|blackberry|outlook|mail|courrier|poczt|почт|yahoo|proton|windows|orange|sfr).{0,50})`

var sentFrom = pattern.New(`(?i)^[\s>*_(<-]*(?:` + strings.Join([]string{
	`(?:sent|written) (?:from|via|with|by|using) (?:my |the |an? )?(?:mobile|i?phone|ipad|android|samsung|blackberry|huawei|galaxy|outlook|mail|yahoo|gmail|proton|windows|nokia|htc|tablet|smartphone|handheld|mobil|airmail|spark|superhuman|k-9).{0,80}`,
	`sent from \S+(?: \S+){0,4}`, `sent from my .{2,30}[.,;] *(?:please )?(?:excuse|pardon|forgive|sorry).{0,60}`,
	`(?:get|download|hanki|h(?:ä|a)mta|hent|skaffa|pobierz|ottieni|obtenez|obt(?:é|e)n|holen sie sich) outlook for .{2,30}`, `outlook f(?:ü|ue)r (?:ios|android) (?:beziehen|laden|herunterladen).{0,30}`, `t(?:é|e)l(?:é|e)charge[rz] outlook pour .{2,30}`, `obtener outlook para .{2,30}`, `scarica outlook per .{2,30}`, `download outlook voor .{2,30}`, `obter o outlook para .{2,30}`,
	`(?:von meinem|von meiner|gesendet (?:von|mit|aus)|mit|diese nachricht wurde von)\b.{0,60}(?:iphone|ipad|handy|android|smartphone|mobil\w*|tablet|blackberry|outlook|mail|samsung).{0,30}(?: gesendet)?`,
	`(?:envoy(?:é|e) (?:de|depuis|via|(?:à|a) partir)|enviado (?:desde|do|a partir|pelo|via)|inviato da\pL*|(?:verzonden|verstuurd) (?:vanaf|met|vanuit|via)|skickat fr(?:å|a)n|sendt fra|l(?:ä|a)hetetty|wys(?:ł|l)an[eo]? z|odesl(?:á|a)no z|отправлено (?:с|из)) ` + ofDevice,
	`发自我的.{2,20}`, `(?:发自|發自|從我的).{2,20}`, `iphoneから送信`,
}, "|") + `)[\s.!)>]*$`)

// isSignature says whether a line begins the signature: "-- " as programs write it (RFC
// 3676 §4.3), also without its blank, or one long dash.
func isSignature(line string) bool {
	return line == "--" || line == "—" || line == "––" || line == "__"
}

// isDashes says whether a line is of a few dashes or the like: it begins a signature, or parts
// a text.
func isDashes(line string) bool {
	switch line {
	case "___", "---", "----", "-----", "======":
		return true
	}
	return strings.HasPrefix(line, "—") && len(line) <= len("——————") && strings.Trim(line, "—") == ""
}

// mostSignature is how many lines a signature has at most that only a line of dashes begins.
const mostSignature = 15

// endsSoon says whether only a few lines follow up to the end or the next quote, and no line
// of dashes or the like is among them.
func endsSoon(lines []string) bool {
	said := 0
	for i, l := range lines {
		switch l = strings.TrimSpace(l); {
		case l == "":
		case isQuoted(l) || attribution(lines[i:]) > 0 || beginsQuote(lines[i:]):
			return true
		case len(l) > 2 && strings.Trim(l, "-_=—*") == "":
			return false
		default:
			if said++; said > mostSignature {
				return false
			}
		}
	}
	return true
}

// isSentFrom says whether a line is what a phone adds, with or without a link behind it.
func isSentFrom(line string) bool {
	if at := strings.Index(line, "http"); at > 0 && strings.Contains(line, "://") {
		line = strings.TrimRight(line[:at], " <([")
	}
	return len(line) < 140 && sentFrom.MatchString(line)
}
