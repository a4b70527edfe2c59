package inbound

import (
	"bytes"

	"relance/internal/inbound/pattern"
)

var (
	boundaryParam = pattern.New(`(?i)(boundary[ \t]*=[ \t]*)("[^"\n]*"|[^\s;"]+)`)
	delimiter     = pattern.New(`(?m)^--([!-~]{4,80})[ \t]*\n(?:Content-|content-|\n)`)
)

// mendBoundary writes the boundary that the body really has into a header that names
// another one, as gateways leave behind that rewrite the one and not the other.
func mendBoundary(raw []byte) []byte {
	header, body, ok := bytes.Cut(raw, []byte("\n\n"))
	if !ok {
		return raw
	}
	at := boundaryParam.FindSubmatchIndex(header)
	if at == nil {
		return raw
	}
	named := bytes.Trim(header[at[4]:at[5]], `"`)
	if bytes.Contains(raw, append([]byte("\n--"), named...)) {
		return raw
	}
	used := delimiter.FindSubmatch(body)
	if used == nil {
		return raw
	}
	mended := append([]byte{}, header[:at[4]]...)
	mended = append(mended, '"')
	mended = append(mended, used[1]...)
	mended = append(mended, '"')
	mended = append(mended, header[at[5]:]...)
	mended = append(mended, "\n\n"...)
	return append(mended, body...)
}
