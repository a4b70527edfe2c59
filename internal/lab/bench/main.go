// Command bench measures Relance beside the floor: what Temporal, PostgreSQL and
// the mail server give to a program that does nothing else. Everything runs on
// this machine, in one run; only the ratios mean anything.
//
//	go run ./internal/lab/bench
//	go run ./internal/lab/bench -only engine,resume -scale 4 -o json
//
// The exit code is 1 when something could not be measured. A goal that is missed
// is printed as such and is no failure of the run. docs/performance.md says what
// the rows mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
)

type options struct {
	rows    []row
	scale   float64
	rounds  int
	dir     string
	format  string
	profile string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == roleFlag {
		if err := playRole(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "bench:", err)
			return 2
		}
		return 0
	}
	results, err := measure(ctx, o, stderr)
	if printErr := printResults(stdout, o.format, results); printErr != nil {
		err = errors.Join(err, printErr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "only these rows, with commas: "+strings.Join(rowNames(), ", "))
	flags.Float64Var(&o.scale, "scale", 1, "multiplies the sizes: 10 is a run of an hour or more")
	flags.IntVar(&o.rounds, "rounds", 3, "interleaved rounds of ours and the floor; the median counts")
	flags.StringVar(&o.dir, "dir", "", "where PostgreSQL and the inbox keep their files (default: a temporary directory that is removed)")
	flags.StringVar(&o.format, "o", "table", "table or json")
	flags.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of the Temporal server and the inbox to this file, and of our worker to FILE.worker")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is not expected; there are only flags", flags.Arg(0))
	case o.format != "table" && o.format != "json":
		return o, fmt.Errorf("-o is %q; expected table or json", o.format)
	case o.scale <= 0 || o.rounds < 1:
		return o, errors.New("-scale has to be above 0, and -rounds at least 1")
	}
	var err error
	o.rows, err = chooseRows(*only)
	return o, err
}

// measure brings everything up and measures row by row. What was measured is
// returned together with the error of what could not be.
func measure(ctx context.Context, o options, progress io.Writer) ([]result, error) {
	s, err := bringUp(ctx, o, progress)
	if err != nil {
		return nil, err
	}
	defer s.takeDown()
	if o.profile != "" {
		file, err := os.Create(o.profile)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return nil, err
		}
		defer pprof.StopCPUProfile()
	}
	var results []result
	var failed error
	for _, r := range o.rows {
		s.say("%s: %s", r.name, r.what)
		measured, err := r.measure(ctx, s)
		for i := range measured {
			measured[i].judge(r)
			s.say("  %s", measured[i].line())
		}
		results = append(results, measured...)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("row %s: %w", r.name, err))
			s.say("  not measured: %v", err)
		}
		if ctx.Err() != nil {
			return results, errors.Join(failed, ctx.Err())
		}
	}
	return results, failed
}
