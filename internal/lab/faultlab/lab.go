package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"relance/internal/cli"
	"relance/internal/devstack/inbox"
	"relance/internal/devstack/port"
	"relance/internal/devstack/postgres"
	"relance/internal/devstack/smsgateway"
)

// lab is the running system, and what is known of what was done to it.
type lab struct {
	options
	progress io.Writer
	began    time.Time
	broken   bool

	postgres        *postgres.Server
	postgresOptions postgres.Options
	dataDir         string

	inbox, gateway, temporal *part
	workers                  []*part
	toInbox, toPostgres      *line
	toMailboxes              *line
	public                   []string // where the workers serve the page to unsubscribe on
	clicker                  *clicker
	toTemporal               map[*part]*line // a worker's own

	env    map[string]string // as the starter sees it: without the lines that are cut
	db     *pgxpool.Pool
	client client.Client

	from, to time.Time // when the disturbing began and ended
	rounds   []round
	gathered int // sends that were at the gates when something struck there
	// atGates are those of them whose shape Temporal knew, and twoOwned the sends that
	// had two owners, by the shape of the first.
	atGates, twoOwned map[shape]int

	mu     sync.Mutex
	events []event
	falls  map[string]int
	doings map[string]int
	failed map[string]int // doings that a fault kept from being done
	looks  int            // how often law 2 was looked at while all this went on
	odd    []breach       // what was seen broken in passing
	// released are by contact the moments before somebody let a person be written to again,
	// disenrolled the contacts that an operator has disenrolled, or tried to.
	released map[int64][]time.Time
	paces    *paces
	giving   giving
	// locks are by what only one of the lab's operators may change at a time.
	locks map[string]*sync.Mutex
	// upgraded is closed when every worker knows paces and edits, at once in a run of one release.
	upgraded   chan struct{}
	upgradedAt time.Time
	// editions are the campaigns of lanes as they are now.
	editions map[string]edition
	// next are by lane the contacts that are enrolled next.
	next        map[string]int64
	disenrolled map[int64]bool
}

const database = "relance"

// secretKey is for this database only, which is thrown away.
const secretKey = "ZmF1bHRsYWI6IG5vdCBhIHNlY3JldCBhdCBhbGwhISE="

// bringUp starts every part, migrates, and loads campaigns and contacts.
func bringUp(ctx context.Context, o options, progress io.Writer) (l *lab, err error) {
	l = &lab{options: o, progress: progress, began: time.Now(), toTemporal: map[*part]*line{}, released: map[int64][]time.Time{}, disenrolled: map[int64]bool{}, paces: newPaces(), locks: map[string]*sync.Mutex{}, editions: map[string]edition{}, next: map[string]int64{}, atGates: map[shape]int{}, twoOwned: map[shape]int{}, falls: map[string]int{}, doings: map[string]int{}, failed: map[string]int{}}
	defer func() {
		if err != nil {
			l.takeDown(false)
		}
	}()
	if l.upgraded = make(chan struct{}); !l.upgradesLater() {
		close(l.upgraded)
	}
	if l.dir == "" {
		if l.dir, err = os.MkdirTemp("", "relance-faultlab-"); err != nil {
			return l, err
		}
	}
	if l.dir, err = filepath.Abs(l.dir); err != nil {
		return l, err
	}
	l.say("everything is in %s", l.dir)
	for _, step := range []func(context.Context) error{
		l.startPostgres, l.startServers, l.startTemporal, l.migrate, l.watchGivers, l.load, l.startWorkers, l.startClicker,
	} {
		if err := step(ctx); err != nil {
			return l, err
		}
	}
	l.say("everything is up: %d contacts, seed %d", l.contacts, l.seed)
	return l, nil
}

func (l *lab) startPostgres(ctx context.Context) (err error) {
	l.say("PostgreSQL")
	l.postgresOptions = postgres.Options{Dir: filepath.Join(l.dir, "postgres"), User: "relance", Password: "relance", Database: database}
	if l.postgres, err = postgres.Start(ctx, l.postgresOptions); err != nil {
		return err
	}
	l.postgresOptions.Port = l.postgres.Port() // also after a kill
	if l.db, err = pgxpool.New(ctx, l.postgres.URL(database)+"&pool_max_conns=6"); err != nil {
		return err
	}
	if err := l.db.QueryRow(ctx, "SHOW data_directory").Scan(&l.dataDir); err != nil {
		return err
	}
	l.toPostgres, err = newLine("postgres", l.postgres.Port())
	return err
}

func (l *lab) startServers(ctx context.Context) (err error) {
	l.say("inbox and SMS gateway")
	var ports [5]int // of the inbox (SMTP and IMAP), the gateway, and the workers' pages
	for i := range ports {
		if ports[i], err = port.Free(); err != nil {
			return err
		}
	}
	l.inbox = l.role(roleInbox, ports[0], envSeed+"="+strconv.FormatUint(l.seed, 10), envIMAPPort+"="+strconv.Itoa(ports[2]), envLanes+"="+l.lanes.letters())
	l.gateway = l.role(roleGateway, ports[1])
	l.public = []string{port.Addr(ports[3]), port.Addr(ports[4])}
	if err := l.inbox.start(ctx); err != nil {
		return err
	}
	if err := l.gateway.start(ctx); err != nil {
		return err
	}
	if l.toInbox, err = newLine("inbox", ports[0]); err != nil {
		return err
	}
	if l.toMailboxes, err = newLine("mailboxes", ports[2]); err != nil {
		return err
	}
	l.env = map[string]string{
		"RELANCE_PUBLIC_URL": "http://" + l.public[0],
		"DATABASE_URL":       l.postgres.URL(database), "RELANCE_SECRET_KEY": secretKey, "RELANCE_USER": "lab",
		"RELANCE_RETRY":   "initial=200ms,factor=2,max=2s,attempts=6",
		"RELANCE_SMS_URL": "http://" + port.Addr(ports[1]), "RELANCE_SMS_ACCOUNT_SID": smsgateway.AccountSID,
		"RELANCE_SMS_AUTH_TOKEN": smsgateway.AuthToken, "RELANCE_SMS_FROM": "+15005550006", "TEMPORAL_NAMESPACE": "default",
	}
	return nil
}

func (l *lab) startTemporal(ctx context.Context) error {
	l.say("Temporal")
	number, err := port.Free()
	if err != nil {
		return err
	}
	url := strings.Replace(l.postgres.URL(database), "/"+database+"?", "/%s?", 1)
	l.temporal = l.role(roleTemporal, number, envURL+"="+url)
	if err := l.temporal.start(ctx); err != nil {
		return err
	}
	l.env["TEMPORAL_ADDRESS"] = port.Addr(number)
	l.client, err = client.DialContext(ctx, client.Options{HostPort: port.Addr(number), Logger: silent{}})
	return err
}

// role is this program, once more, as one of the parts.
func (l *lab) role(name string, number int, env ...string) *part {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return &part{
		name: name, program: self, args: []string{roleFlag, name}, isRole: true, log: filepath.Join(l.dir, name+".log"), fell: l.fell,
		env: append(os.Environ(), append(env, envDir+"="+filepath.Join(l.dir, name), envPort+"="+strconv.Itoa(number))...),
	}
}

func (l *lab) migrate(ctx context.Context) error {
	l.say("schema and search attributes")
	_, err := l.must(ctx, "", "migrate")
	return err
}

// startWorkers starts two production workers, which reach PostgreSQL and
// Temporal over lines that can be cut.
func (l *lab) startWorkers(ctx context.Context) error {
	if l.worker == "" {
		l.say("building the worker")
		l.worker = filepath.Join(l.dir, "worker")
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", l.worker, "relance/worker")
		if text, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build relance/worker (run from inside the module, or give -worker): %w\n%s", err, text)
		}
	}
	programs := []string{l.worker, l.worker}
	if l.previous != "" {
		older, err := l.buildPrevious(ctx)
		if err != nil {
			return err
		}
		programs[1] = older
	}
	for i, program := range programs {
		name := "worker " + strconv.Itoa(i+1)
		application := applicationOf(name)
		number, err := port.Free()
		if err != nil {
			return err
		}
		_, temporal, _ := strings.Cut(l.env["TEMPORAL_ADDRESS"], ":")
		temporalPort, err := strconv.Atoi(temporal)
		if err != nil {
			return err
		}
		toTemporal, err := newLine("temporal of "+name, temporalPort)
		if err != nil {
			return err
		}
		env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), envZones + "=" + os.Getenv(envZones)}
		for name, value := range l.env {
			switch name {
			case "DATABASE_URL":
				value = strings.Replace(value, l.postgres.Addr(), port.Addr(l.toPostgres.port), 1) + "&application_name=" + application
			case "TEMPORAL_ADDRESS":
				value = port.Addr(toTemporal.port)
			}
			env = append(env, name+"="+value)
		}
		l.workers = append(l.workers, &part{
			name: name, program: program, log: filepath.Join(l.dir, strings.ReplaceAll(name, " ", "-")+".log"), fell: l.fell, health: port.Addr(number),
			env: append(env, "RELANCE_HTTP_ADDRESS="+port.Addr(number), "RELANCE_PUBLIC_ADDRESS="+l.public[i]),
		})
		l.toTemporal[l.workers[i]] = toTemporal
		if err := l.workers[i].start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// starter runs one command as an operator would, and returns its exit code.
func (l *lab) starter(ctx context.Context, stdin string, args ...string) (int, string, string) {
	var stdout, stderr bytes.Buffer
	code := cli.Run(ctx, cli.Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		LookupEnv: func(name string) (string, bool) { value, ok := l.env[name]; return value, ok },
	})
	return code, stdout.String(), stderr.String()
}

// must is for commands that have to succeed, outside of the faults.
func (l *lab) must(ctx context.Context, stdin string, args ...string) (string, error) {
	code, stdout, stderr := l.starter(ctx, stdin, args...)
	if code != 0 {
		return stdout, fmt.Errorf("starter %s: exit %d: %s", strings.Join(args, " "), code, strings.TrimSpace(stderr))
	}
	return stdout, nil
}

// mails is the inbox's log.
func (l *lab) mails() ([]inbox.Entry, error) {
	return readLines[inbox.Entry](filepath.Join(l.dir, roleInbox, inbox.LogName))
}

// strange notes what was seen broken in passing.
func (l *lab) strange(law int, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.odd = append(l.odd, breach{Law: law, What: what})
}

func (l *lab) fell(name string) {
	l.mu.Lock()
	l.falls[name]++
	l.mu.Unlock()
	l.say("%s ended although nobody killed it; started again", name)
}

// say is the progress: a line with the time since the beginning.
func (l *lab) say(format string, args ...any) {
	fmt.Fprintf(l.progress, "%6.1fs  %s\n", time.Since(l.began).Seconds(), fmt.Sprintf(format, args...))
}

// takeDown ends every process; the directory goes too when it is of no use to anybody.
func (l *lab) takeDown(clean bool) {
	if l.clicker != nil {
		l.clicker.end()
	}
	for _, p := range append(append([]*part{}, l.workers...), l.temporal, l.gateway, l.inbox) {
		if p != nil {
			p.kill()
		}
	}
	for _, line := range append(slices.Collect(maps.Values(l.toTemporal)), l.toInbox, l.toMailboxes, l.toPostgres) {
		if line != nil {
			line.end()
		}
	}
	if l.client != nil {
		l.client.Close()
	}
	if l.db != nil {
		l.db.Close()
	}
	if l.postgres != nil {
		_ = l.postgres.Stop(context.Background()) // what it said is in its log
	}
	if clean {
		_ = os.RemoveAll(l.dir)
		_ = os.RemoveAll(filepath.Dir(l.dataDir)) // elsewhere, when root runs this
	}
}

// killPostgres is kill -9 of the postmaster, and a start on the same data.
func (l *lab) killPostgres(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(l.dataDir, "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	if err := l.postgres.Stop(ctx); err != nil {
		return err
	}
	for {
		started, err := postgres.Start(ctx, l.postgresOptions)
		if err == nil {
			l.postgres = started
			return nil
		}
		l.say("PostgreSQL does not start again yet: %v", err)
		if !pause(ctx, 500*time.Millisecond) {
			return err
		}
	}
}
