package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"relance/internal/operator"
	"relance/internal/plaintext"
	"relance/internal/settings"
)

// The exit codes, which scripts rely on.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitNotFound
	exitRefused
)

// Options is everything that a run of the program depends on.
type Options struct {
	// Args are the arguments without the program's name.
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	LookupEnv      settings.Lookup
	// IsTerminal is true when a person reads the output: colours and progress.
	IsTerminal bool
	// Asks is true when a person sits at Stdin and can answer a question.
	Asks bool
	// Width is the terminal's width in columns; 0 prints tables as wide as they are.
	Width int
	// Dir is where the dev stack's .relance/dev.env is looked for when the
	// environment names neither database nor Temporal.
	Dir string
	// DialTemporal stands in for the real connection in tests; nil dials.
	DialTemporal func(context.Context, settings.Lookup) (Temporal, error)

	// tick is how often something that goes on is looked at, patience how long
	// nothing may move before it is said; tests shorten both.
	tick, patience time.Duration
	// greet is how long a mail server may be silent before a command says that it waits.
	greet time.Duration
	// lookAgain is the time between two looks of reconcile at what differs.
	lookAgain time.Duration
}

// Run runs one command and returns its exit code. Everything that goes wrong
// is said on Stderr, in one sentence.
func Run(ctx context.Context, o Options) int {
	s := newSession(o)
	defer s.operator.Close()
	root := newRoot(s)
	args := make([]string, len(o.Args)) // never nil: cobra would take the process's own
	for i, arg := range o.Args {
		if !utf8.ValidString(arg) { // J\xe9r\xf4me would be mailed as with the letters lost
			return s.report(ctx, hint(usageError{fmt.Errorf("the argument %q is not UTF-8; write it in a terminal or a script that is", plaintext.Line(arg, plaintext.Name))}, root.CommandPath()+" --help"))
		}
		args[i] = plaintext.Text(arg, 0)
	}
	root.SetArgs(args)
	root.SetIn(o.Stdin)
	root.SetOut(s.Stdout)
	root.SetErr(s.Stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var usage usageError
	var invalid *operator.Invalid
	if !s.running || errors.As(err, &usage) || errors.As(err, &invalid) { // what fails before a command runs is a wrong call of it
		err = asUsage(command, err)
	}
	return s.report(ctx, err)
}

func newRoot(s *session) *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Enroll contacts in campaigns, see which are in error and why, and get them going again",
		Long: `starter is the operator's side of Relance: it enrolls contacts in campaigns,
shows which are in error and why, and gets them going again.

The environment says where things are: DATABASE_URL, and Temporal's own
variables and profiles (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …). With none of
them set, starter talks to the dev stack on this machine (go run ./worker/dev).

With starter completion (bash, zsh, fish or powershell) a shell also completes
campaigns, contacts, addresses and codes; it reads them from the database.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused.`,
		Example: `  starter status
  starter errors
  starter resume --all --code EmailAccountInError`,
		SilenceErrors: true, SilenceUsage: true, Version: versionText(),
		PersistentPreRunE: func(*cobra.Command, []string) error { return s.format.check() },
	}
	root.PersistentFlags().StringVarP((*string)(&s.format), "output", "o", string(formatTable), "how to print: table or json")
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	for _, group := range groups {
		root.AddGroup(&group)
	}
	for _, build := range append(append([]build{}, operations...), entities...) {
		root.AddCommand(build(s))
	}
	root.SetHelpCommandGroupID(groupOther)
	root.SetCompletionCommandGroupID(groupOther)
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "print the version of this program") // of our own: cobra's would take -v as well
	root.SetFlagErrorFunc(flagError)
	makeParent(root)
	prepare(s, root)
	return root
}

// prepare walks the tree once: a command that only holds others says so when
// it is called, and every command notes that it has begun.
func prepare(s *session, command *cobra.Command) {
	for _, child := range command.Commands() {
		prepare(s, child)
	}
	s.completeFlags(command)
	if command.HasSubCommands() && command.RunE == nil {
		makeParent(command)
	}
	if check := command.Args; check != nil {
		command.Args = withCall(check)
	}
	run := command.RunE
	if run == nil {
		return
	}
	command.RunE = func(command *cobra.Command, args []string) error {
		s.running, s.flags = true, command.Flags()
		return run(command, args)
	}
}
