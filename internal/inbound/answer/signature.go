package answer

import (
	"strings"

	"relance/internal/inbound/pattern"
)

var sentFrom = pattern.New(`(?i)^[\s>*_-]*(?:` + strings.Join([]string{
	`(?:sent|written) (?:from|via|with|by|using) (?:my |the |an? )?(?:mobile|i?phone|ipad|android|samsung|blackberry|huawei|galaxy|outlook|mail|yahoo|gmail|proton|windows|nokia|htc|tablet|smartphone|handheld|mobil).{0,80}`,
	`sent from \S+(?: \S+){0,4}`,
	`get outlook for .{2,30}`, `outlook f(?:ü|ue)r (?:ios|android) (?:beziehen|laden|herunterladen).{0,30}`, `t(?:é|e)l(?:é|e)charge[rz] outlook pour .{2,30}`, `obtener outlook para .{2,30}`, `scarica outlook per .{2,30}`, `download outlook voor .{2,30}`, `obter o outlook para .{2,30}`,
	`(?:von meinem|von meiner|gesendet (?:von|mit|aus)|mit|diese nachricht wurde von)\b.{0,60}(?:iphone|ipad|handy|android|smartphone|mobil\w*|tablet|blackberry|outlook|mail|samsung).{0,30}(?: gesendet)?`,
	`envoy(?:é|e) (?:de|depuis|via|(?:à|a) partir).{2,60}`, `enviado desde .{2,60}`, `inviato da(?:l| ).{2,60}`, `verzonden (?:vanaf|met|vanuit|via) .{2,60}`, `verstuurd vanaf .{2,60}`, `enviado (?:do|a partir|pelo|via) .{2,60}`, `skickat fr(?:å|a)n .{2,60}`, `sendt fra .{2,60}`, `l(?:ä|a)hetetty .{2,60}`, `wys(?:ł|l)ane? z .{2,60}`, `odesl(?:á|a)no z .{2,60}`, `отправлено (?:с|из) .{2,60}`, `发自我的.{2,20}`, `iphoneから送信`,
}, "|") + `)\.?\s*$`)

// isSignature says whether a line begins the signature: "-- " as programs write it (RFC
// 3676 §4.3), also without its blank, or a line of a few dashes or underscores.
func isSignature(line string) bool {
	switch line {
	case "--", "—", "––", "-- \u200b", "__", "___", "---", "----", "-----", "======":
		return true
	}
	return false
}

// isSentFrom says whether a line is what a phone adds.
func isSentFrom(line string) bool {
	return len(line) < 140 && sentFrom.MatchString(line)
}
