package cli

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/mail/reply"
	"relance/internal/verdict"
)

// explained is one reply with its meaning, as -o json prints it.
type explained struct {
	Phase    reply.Phase   `json:"phase"`
	Code     int           `json:"code"`
	Enhanced string        `json:"enhanced"`
	Text     string        `json:"text"`
	Verdict  reply.Verdict `json:"verdict"`
	Reason   string        `json:"reason"`

	then string
}

func newExplain(s *session) *cobra.Command {
	var phase, file string
	command := &cobra.Command{
		Use: "explain [REPLY]", Short: "Say what a mail server's reply means and what follows from it", GroupID: groupDiagnose,
		Long: `Says what a mail server's reply means to Relance, and what it would do. It asks
no server and needs no database. The phase is where in the dialogue the server
said it: ` + phaseNames() + `.

A file is a CSV file with the columns phase, code, enhanced and text, in any
order; other columns are ignored; - reads standard input.`,
		Example: `  starter explain "550 5.1.1 The email account that you tried to reach does not exist"
  starter explain --phase auth "535 5.7.8 Bad credentials"
  starter explain --file replies.csv -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case file != "" && len(args) > 0:
				return usagef("give a reply or --file, not both")
			case file == "" && len(args) == 0:
				return usagef(`give a reply in quotes, such as "550 5.1.1 user unknown", or --file`)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if file != "" {
				return s.explainFile(file)
			}
			at, err := parsePhase(phase)
			if err != nil {
				return err
			}
			// A reply without quotes comes as many words.
			parsed, err := reply.Parse(strings.Join(args, " "))
			if err != nil {
				return usageError{err}
			}
			parsed.Phase = at
			return s.showExplained([]explained{explain(parsed)})
		},
	}
	command.Flags().StringVar(&phase, "phase", string(reply.Rcpt), "where in the dialogue: "+phaseNames())
	command.Flags().StringVar(&file, "file", "", "explain each reply of this CSV `file`")
	return command
}

func explain(r reply.Reply) explained {
	judgement := reply.Classify(r)
	then := verdict.OfEmail(judgement.Verdict).String()
	if judgement.RetryAfter > 0 {
		then += " (after " + judgement.RetryAfter.String() + ")"
	}
	return explained{
		Phase: r.Phase, Code: r.Code, Enhanced: r.Enhanced, Text: r.Text,
		Verdict: judgement.Verdict, Reason: judgement.Reason, then: then,
	}
}

func (s *session) explainFile(name string) error {
	content, err := s.readFile(name)
	if err != nil {
		return err
	}
	reader := newCSV(content)
	header, err := reader.Read()
	if err != nil {
		return usagef("%s cannot be read: %v", name, err)
	}
	columns, err := columnsByName(header, "phase", "code", "enhanced", "text")
	if err != nil {
		return usagef("%s: %v", name, err)
	}
	items := []explained{}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return s.showExplained(items)
		}
		if err != nil {
			return usagef("%s cannot be read: %v", name, err)
		}
		parsed, err := replyFrom(record, columns)
		if err != nil {
			line, _ := reader.FieldPos(0)
			return usagef("%s line %d: %v", name, line, err)
		}
		items = append(items, explain(parsed))
	}
}

func replyFrom(record []string, columns map[string]int) (reply.Reply, error) {
	cell := func(name string) string {
		if i := columns[name]; i < len(record) {
			return record[i]
		}
		return ""
	}
	phase, err := parsePhase(strings.TrimSpace(cell("phase")))
	if err != nil {
		return reply.Reply{}, err
	}
	code, err := strconv.Atoi(strings.TrimSpace(cell("code")))
	if err != nil {
		return reply.Reply{}, usagef("code is %q; expected a number such as 550", cell("code"))
	}
	return reply.Reply{Phase: phase, Code: code, Enhanced: strings.TrimSpace(cell("enhanced")), Text: cell("text")}, nil
}

func (s *session) showExplained(items []explained) error {
	t := newTable("Phase", "Reply", "Verdict", "Reason", "What we do")
	for _, item := range items {
		words := strings.Join(strings.Fields(strings.TrimPrefix(item.Text, item.Enhanced)), " ")
		t.add(item.Phase, strings.Join(strings.Fields(strconv.Itoa(item.Code)+" "+item.Enhanced+" "+words), " "), item.Verdict, item.Reason, item.then)
	}
	return s.show(items, t)
}

// parsePhase reads a phase in any letter case; empty is rcpt, where most refusals are made.
func parsePhase(text string) (reply.Phase, error) {
	if text == "" {
		return reply.Rcpt, nil
	}
	phase := reply.Phase(strings.ToLower(text))
	if !slices.Contains(reply.Phases(), phase) {
		return "", usagef("there is no phase %q; expected %s", text, phaseNames())
	}
	return phase, nil
}

func phaseNames() string {
	names := []string{}
	for _, phase := range reply.Phases() {
		names = append(names, string(phase))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
