// Command faultlab proves the laws on the running system: it starts the real
// parts as processes of their own, runs campaigns through them, kills, stops,
// cuts and lies at moments drawn from a seed, and then compares what the
// receiving servers accepted with the ledger and with Temporal.
//
//	go run ./internal/faultlab -for 10m -seed 42
//
// The exit code is 1 when a law was broken, and 3 when none was, but the run was
// too weak to prove it. README.md says what it does, and which seeded bugs it
// has caught.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// exitWeak is for a run that has broken nothing and proves nothing.
const exitWeak = 3

// usualAnswers are how many of a hundred contacts answer who could.
const usualAnswers = 75

// usualUnderWay is how many contacts the lab keeps under way: enough for every fault to find
// some at each point of the way, whatever the machine's speed.
const usualUnderWay = 150

// options of a run.
type options struct {
	length   time.Duration
	every    time.Duration
	seed     uint64
	contacts int
	dir      string
	format   string
	// worker is a built worker; empty builds that of these sources. previous is a
	// commit whose worker is the second one.
	worker, previous string
	keep             bool
	chosen           []fault
	// restarts is how often a worker is stopped by SIGTERM and started again, and nothing
	// else; storage lets nothing fail but Temporal's storage.
	restarts int
	storage  bool
	lanes    lanes
	// underWay is how many contacts the lab keeps under way.
	underWay int
	// answers are how many of a hundred contacts answer, in the lanes that are read.
	answers int
	// highwater is how often another kind of mailer is killed, to compare with.
	highwater int
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == roleFlag {
		os.Exit(playRole(os.Args[2]))
	}
	remove, err := useZones()
	if err != nil {
		fmt.Fprintln(os.Stderr, "faultlab:", err)
		os.Exit(1)
	}
	code := run(os.Args[1:], os.Stdout, os.Stderr)
	remove()
	os.Exit(code)
}

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("faultlab", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&o.length, "for", time.Minute, "how long faults are begun; settling comes on top")
	flags.DurationVar(&o.every, "every", usualPause, "the mean pause between a fault's end and the next one")
	flags.Uint64Var(&o.seed, "seed", 1, "the same seed gives the same order of faults")
	flags.IntVar(&o.contacts, "contacts", 0, "how many contacts there are at most (default: more than the time is enough for)")
	only := flags.String("only", "", "only these faults, by their short names: worker,postgres,…")
	flags.IntVar(&o.restarts, "restarts", 0, "instead of faults: so many gentle restarts (SIGTERM) of a worker under load, which may leave no delivery uncertain")
	flags.BoolVar(&o.storage, "storage", false, "instead of faults: let Temporal's storage calls fail, and compare the throughput")
	flags.IntVar(&o.highwater, "highwater", 0, "instead of Relance: kill a mailer with a high-water mark so many times while it mails -contacts, to compare with")
	letters := flags.String("lanes", "", "only these lanes, by their letters (default: "+allLanes.letters()+", and "+plainLanes+" with -restarts, -storage and -previous)")
	flags.IntVar(&o.underWay, "under-way", usualUnderWay, "how many contacts are kept under way, all lanes together")
	flags.IntVar(&o.answers, "answers", usualAnswers, "how many of a hundred contacts answer, in the lanes whose mailbox is read")
	flags.StringVar(&o.previous, "previous", "", "a commit, for example HEAD~1: the second worker is that of it; with a lane that has a pace or is edited, until a third of the time is over")
	flags.StringVar(&o.dir, "dir", "", "where everything is kept (default: a temporary directory)")
	flags.StringVar(&o.format, "o", "table", "table or json")
	flags.StringVar(&o.worker, "worker", "", "a worker that was built already (default: go build ./worker)")
	flags.BoolVar(&o.keep, "keep", false, "keep the directory when no law was broken, too")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || (o.format != "table" && o.format != "json") {
		if err == nil {
			fmt.Fprintln(stderr, "faultlab: unknown arguments; expected flags only, and -o table or json")
		}
		return 2
	}
	var err error
	if o.chosen, err = choose(*only); err == nil && o.restarts > 0 && o.storage {
		err = errors.New("-restarts and -storage are two different runs")
	}
	switch {
	case err != nil:
	case *letters != "":
		o.lanes, err = chooseLanes(*letters)
	case o.restarts > 0 || o.storage || o.previous != "":
		o.lanes, err = chooseLanes(plainLanes)
	default:
		o.lanes = allLanes
	}
	if len(o.lanes.that(isPaced)) == 0 { // nobody gives turns there
		o.chosen = slices.DeleteFunc(slices.Clone(o.chosen), func(f fault) bool { return f.ofGiver })
		if err == nil && len(o.chosen) == 0 {
			err = errors.New("-only: a giver is there only with a lane that has a pace")
		}
	}
	if err == nil && (o.answers < 0 || o.answers > 100) {
		err = errors.New("-answers has to be between 0 and 100")
	}
	if err == nil && o.underWay < len(o.lanes) {
		err = fmt.Errorf("-under-way has to be %d at least, one for each lane", len(o.lanes))
	}
	if err == nil && o.every <= 0 {
		err = errors.New("-every has to be above 0")
	}
	if err == nil && o.highwater > 0 && (o.restarts > 0 || o.storage) {
		err = errors.New("-highwater is a run of its own, without -restarts and -storage")
	}
	if err != nil {
		fmt.Fprintln(stderr, "faultlab:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.highwater > 0 {
		return compareHighWater(ctx, o, stdout, stderr)
	}
	verdict, err := experiment(ctx, o, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "faultlab:", err)
		return 1
	}
	if err := verdict.print(stdout, o.format); err != nil {
		fmt.Fprintln(stderr, "faultlab:", err)
		return 1
	}
	switch {
	case len(verdict.Breaches) > 0:
		return 1
	case len(verdict.Weak) > 0:
		return exitWeak
	}
	return 0
}

// compareHighWater makes no judgement: it prints what became of the contacts.
func compareHighWater(ctx context.Context, o options, stdout, stderr io.Writer) int {
	if o.contacts == 0 {
		o.contacts = 20_000
	}
	result, err := killHighWater(ctx, o, stderr)
	if err == nil {
		err = result.print(stdout, o.format)
	}
	if err != nil {
		fmt.Fprintln(stderr, "faultlab:", err)
		return 1
	}
	return 0
}

// experiment is one run: bring up, disturb, settle, judge. Ctrl-C ends the
// disturbing early; what follows is not skipped.
func experiment(interrupted context.Context, o options, progress io.Writer) (_ *verdict, err error) {
	if o.contacts == 0 {
		o.contacts = max(1200, int(o.length.Minutes()*4000))
	}
	// The parts outlive Ctrl-C: the run still has to settle.
	ctx, cancel := context.WithCancel(context.WithoutCancel(interrupted))
	defer cancel()
	l, err := bringUp(ctx, o, progress)
	if err != nil {
		return nil, err
	}
	defer func() { l.takeDown(err == nil && !o.keep && !l.broken) }()
	switch {
	case o.restarts > 0:
		l.rollingRestarts(interrupted)
	case o.storage:
		l.storageRounds(interrupted)
	default:
		l.disturb(interrupted)
	}
	v, err := l.settleAndJudge(ctx)
	l.broken = err != nil || len(v.Breaches) > 0
	return v, err
}
