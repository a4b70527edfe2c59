package console

import (
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
	"relance/internal/plaintext"
)

// parse reads the templates: each view/page_*.html with the frame and the parts around it,
// which are all the others.
func (c *Console) parse() (map[string]*template.Template, error) {
	views, err := fs.Glob(files, "view/*.html")
	if err != nil {
		return nil, err
	}
	isPage := func(view string) bool { return strings.HasPrefix(view, "view/page_") }
	base, err := template.New("frame.html").Funcs(c.functions()).ParseFS(files, slices.DeleteFunc(slices.Clone(views), isPage)...)
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, view := range views {
		if !isPage(view) {
			continue
		}
		page, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if pages[strings.TrimSuffix(strings.TrimPrefix(view, "view/page_"), ".html")], err = page.ParseFS(files, view); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

func (c *Console) functions() template.FuncMap {
	return template.FuncMap{
		"url":    c.link,
		"style":  func() string { return c.prefix + c.style.path },
		"icon":   func() string { return c.prefix + c.icon.path },
		"n":      number,
		"people": people,
		"line":   lineText,
		"when":   whenText,
		"iso":    isoText,
		"ago":    func(t time.Time) string { return ago(c.Now().Sub(t)) },
		"age":    func(t time.Time) int { return max(int(c.Now().Sub(t).Seconds()), 0) },
		"mark":   markText,
		"trim":   func(text string) string { return strings.Trim(text, "<>") },
		"cause": func(code failure.Code, cause failure.Cause) string {
			return c.link("cause", string(code), string(cause.Group()))
		},
		"causeOf":   func(item operator.InError) string { return c.link("cause", string(item.Code), string(causeOf(item))) },
		"label":     fieldLabel,
		"add":       func(a, b int) int { return a + b },
		"minus":     func(a int) int { return -a },
		"step":      stepText,
		"causeName": func(item operator.InError) string { return string(causeOf(item)) },
		"about":     func(f, of any) pair { return pair{f, of} },
		"day":       func(t time.Time) string { return t.UTC().Format("2 Jan 2006") },
		"words":     func(text string) string { return plaintext.Text(text, 0) },
		"inc":       func(n int) int { return n + 1 },
		"status":    statusText,
		"one":       oneStatus,
		"at":        func(step operator.Step, status campaign.Status) int { return step.Contacts[status] },
		"ofSender": func(code failure.Code) bool {
			return code == failure.OwnerHasNoSendingAddress || code == failure.EmailAccountDisconnected || code == failure.EmailAccountInError
		},
		"memberCause": func(member operator.Member) string {
			return c.link("cause", string(member.Code), string(failure.Cause(member.Cause).Group()))
		},

		"here":      here,
		"kind":      func(kind string) string { return strings.ReplaceAll(kind, "_", " ") },
		"wait":      waitText,
		"script":    func() string { return c.prefix + c.script.path },
		"events":    func(f *frame) string { return c.link("events") + "?page=" + queryEscape(f.From) },
		"repairKey": repairKey,

		"whenIn":    whenInText,
		"limitText": operator.LimitText,
		"limitName": operator.LimitName,
		"sooner":    func(why *operator.Why) string { return operator.Sooner(*why) },
		"late":      lateText,

		"kindText":   kindText,
		"kindName":   kindName,
		"matched":    func(m operator.InboundMessage) string { return matchedNames[string(m.MatchedBy)] },
		"heardAll":   heardAll,
		"heardName":  heardName,
		"reasonName": reasonName,
		"evidence":   func(e *operator.SentEvidence) string { return e.Text(whenText) },
	}
}

func whenText(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006 15:04 UTC") }
func isoText(t time.Time) string  { return t.UTC().Format(time.RFC3339) }

// waitText is the length of a wait in words: 3d is 3 days, 3bd 3 sending days.
func waitText(wait string) string {
	if days, ok := strings.CutSuffix(wait, "bd"); ok {
		return strings.Replace(waitText(days+"d"), " ", " sending ", 1)
	}
	units := map[byte]string{'d': "day", 'h': "hour", 'm': "minute", 's': "second"}
	if wait == "" || units[wait[len(wait)-1]] == "" {
		return wait
	}
	count, unit := wait[:len(wait)-1], units[wait[len(wait)-1]]
	if count != "1" {
		unit += "s"
	}
	return count + " " + unit
}

// lineText is any value as plain text of one line.
func lineText(value any) string {
	text, ok := value.(string)
	if !ok {
		text = fmt.Sprint(value)
	}
	return plaintext.Line(text, plaintext.Note)
}

// pair hands a template the page, or its form, and what it is about.
type pair struct{ F, Of any }

// link is the address of a page, from the parts of its path.
func (c *Console) link(parts ...any) string {
	path := c.prefix
	for _, part := range parts {
		path += "/" + url.PathEscape(joined([]any{part}))
	}
	if path == c.prefix {
		path += "/"
	}
	return path
}

// joined is the parts as one text.
func joined(parts []any) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = fmt.Sprint(part)
	}
	return strings.Join(texts, " ")
}

// number has a comma between the thousands.
func number(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func causeOf(item operator.InError) failure.Cause {
	if item.Code == failure.WorkflowEnded {
		return "workflow"
	}
	return failure.Cause(item.Cause).Group()
}

// fieldOf is the value of the contact that is to be filled in: its address, or what a
// template misses. Empty when it is more than one.
func fieldOf(item operator.InError) string {
	switch item.Code {
	case failure.ContactHasNoEmail, failure.EmailAlreadyBounced:
		return "email"
	case failure.MessageCannotBeRendered:
		if item.Problem.Variable != "full_name" && item.Problem.Variable != "name" {
			return item.Problem.Variable
		}
	case failure.EmailAccountDisconnected, failure.EmailAccountInError, failure.OwnerHasNoSendingAddress, failure.NoCreditsLeft,
		failure.SendingFailed, failure.OwnerHasNoPhone, failure.DeliveryUncertain, failure.NoCommonSendingTime, failure.MailboxUnreadable, failure.WorkflowEnded:
	}
	return ""
}

func fieldLabel(field string) string {
	switch field {
	case "email":
		return "Email address"
	case "first_name", "last_name", "phone", "company":
		return strings.ToUpper(field[:1]) + strings.ReplaceAll(field[1:], "_", " ")
	}
	return plaintext.Line(field, plaintext.Name)
}

// markText is a place in a list as an address has it; readMark reads it.
func markText(mark *operator.Mark) string {
	if mark.At.IsZero() {
		return "0-" + strconv.FormatInt(mark.Seq, 10)
	}
	return strconv.FormatInt(mark.At.UnixMicro(), 10) + "." + strconv.FormatInt(mark.Seq, 10)
}

func readMark(text string) operator.Mark {
	if rest, ok := strings.CutPrefix(text, "0-"); ok {
		seq, _ := strconv.ParseInt(rest, 10, 64)
		return operator.Mark{Seq: seq}
	}
	at, seq, _ := strings.Cut(text, ".")
	micro, err := strconv.ParseInt(at, 10, 64)
	number, other := strconv.ParseInt(seq, 10, 64)
	if err != nil || other != nil || micro < 0 || micro > 1<<53 {
		return operator.Mark{} // the first page
	}
	return operator.Mark{At: time.UnixMicro(micro).UTC(), Seq: number}
}
