package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newExplain(s *session) *cobra.Command {
	var phase, file, mail string
	command := &cobra.Command{
		Use: "explain [REPLY]", Short: "Say what a mail server's reply or a mail that has come in means", GroupID: groupDiagnose,
		Long: `Says what a mail server's reply means to Relance, and what it would do. It asks
no server and needs no database. The phase is where in the dialogue the server
said it: ` + operator.PhaseNames() + `.

A file is a CSV file with the columns phase, code, enhanced and text, in any
order; other columns are ignored; - reads standard input.

--mail reads a whole mail, as a mail program saves it (.eml), and says what the
reader of a mailbox takes it for: a reply, a bounce, an out of office, an
unsubscription, and why; - reads standard input.`,
		Example: `  starter explain "550 5.1.1 The email account that you tried to reach does not exist"
  starter explain --phase auth "535 5.7.8 Bad credentials"
  starter explain --file replies.csv -o json
  starter explain --mail bounce.eml`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case mail != "" && (file != "" || len(args) > 0):
				return usagef("give --mail alone: it explains one mail")
			case mail != "":
			case file != "" && len(args) > 0:
				return usagef("give a reply or --file, not both")
			case file == "" && len(args) == 0:
				return usagef(`give a reply in quotes, such as "550 5.1.1 user unknown", or --file or --mail`)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case mail != "":
				return s.explainMail(mail)
			case file != "":
				return s.explainFile(file)
			}
			// A reply without quotes comes as many words.
			parsed, err := operator.ParseReply(phase, strings.Join(args, " "))
			if err != nil {
				return err
			}
			return s.showExplained([]operator.Explained{operator.Explain(parsed)})
		},
	}
	command.Flags().StringVar(&phase, "phase", "rcpt", "where in the dialogue: "+operator.PhaseNames())
	command.Flags().StringVar(&mail, "mail", "", "explain this `file` with a whole mail")
	command.Flags().StringVar(&file, "file", "", "explain each reply of this CSV `file`")
	return command
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
	items := []operator.Explained{}
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
		items = append(items, operator.Explain(parsed))
	}
}

func replyFrom(record []string, columns map[string]int) (operator.Reply, error) {
	cell := func(name string) string {
		if i := columns[name]; i < len(record) {
			return record[i]
		}
		return ""
	}
	phase, err := operator.ParsePhase(strings.TrimSpace(cell("phase")))
	if err != nil {
		return operator.Reply{}, err
	}
	code, err := strconv.Atoi(strings.TrimSpace(cell("code")))
	if err != nil {
		return operator.Reply{}, usagef("code is %q; expected a number such as 550", cell("code"))
	}
	return operator.Reply{Phase: phase, Code: code, Enhanced: strings.TrimSpace(cell("enhanced")), Text: cell("text")}, nil
}

func (s *session) showExplained(items []operator.Explained) error {
	t := print.NewTable("Phase", "Reply", "Verdict", "Reason", "What we do")
	for _, item := range items {
		words := strings.Join(strings.Fields(strings.TrimPrefix(item.Text, item.Enhanced)), " ")
		t.Add(item.Phase, strings.Join(strings.Fields(strconv.Itoa(item.Code)+" "+item.Enhanced+" "+words), " "), item.Verdict, item.Reason, item.Then)
	}
	return s.show(items, t)
}

// columnsByName finds the columns of a header by their names, in any letter case.
func columnsByName(header []string, names ...string) (map[string]int, error) {
	columns := map[string]int{}
	for i, cell := range header {
		columns[strings.ToLower(strings.TrimSpace(cell))] = i
	}
	for _, name := range names {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("it has no column %s; expected at least %s", name, strings.Join(names, ", "))
		}
	}
	return columns, nil
}
