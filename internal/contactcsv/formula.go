package contactcsv

import (
	"regexp"
	"strings"
)

// startsFormula are the characters with which spreadsheets begin what they execute or
// reckon (OWASP, CSV injection), the wide forms among them.
const startsFormula = "=@+-\t\r\n＝＋－＠"

// signed is a number, or a phone number with its country: a spreadsheet reckons nothing.
var signed = regexp.MustCompile(`^[+-][0-9][0-9 .,]*$`)

// Defused is a value as a file for spreadsheets has it: the text that Read would keep,
// with an apostrophe before what a spreadsheet would execute, which Read takes away.
func Defused(value string) string {
	value = text(value)
	if formula(value) && !signed.MatchString(value) {
		return "'" + value
	}
	return value
}

// Undefused takes the apostrophe of Defused away.
func Undefused(cell string) string {
	if strings.HasPrefix(cell, "'") && formula(cell) {
		return cell[1:]
	}
	return cell
}

// formula is true for text that begins like a formula, behind any apostrophes.
func formula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.IndexAny(text, startsFormula) == 0
}
