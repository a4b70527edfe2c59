package workspace

// Template is a Liquid template of a campaign, with where it stands in the file.
type Template struct {
	Campaign, StepID string
	// Part is subject, body or text.
	Part string
	Text string

	line  int // of the value
	first int // of its first line, when it is written line by line (|), else 0
}

// Line is the line of the file in which a line of the template stands, both from 1; of
// a text that YAML folds, or writes with \n, the line in which it begins.
func (t Template) Line(line int) int {
	if t.first > 0 {
		return t.first + line - 1
	}
	return t.line
}
