package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/smsgateway"
	"relance/internal/devstack/temporal"
)

// roleFlag makes this program one of the parts, in a process that can be
// killed. The part says "ready" on standard output, takes commands on standard
// input, and ends when that is closed: with the lab.
const roleFlag = "-role"

const (
	roleInbox    = "inbox"
	roleGateway  = "gateway"
	roleTemporal = "temporal"
)

// The environment of a part.
const (
	envDir  = "FAULTLAB_DIR"
	envPort = "FAULTLAB_PORT"
	envSeed = "FAULTLAB_SEED"
	// envIMAPPort is where the inbox serves its mailboxes, envLanes the letters of the lanes.
	envIMAPPort = "FAULTLAB_IMAP_PORT"
	envLanes    = "FAULTLAB_LANES"
	envURL      = "FAULTLAB_POSTGRES" // with %s for the database
	// envErrors is the share of Temporal's storage calls that fail.
	envErrors = "FAULTLAB_STORAGE_ERRORS"
	// envContacts is how many a mailer with a high-water mark has to mail.
	envContacts = "FAULTLAB_CONTACTS"
)

// playInbox starts the inbox with its faults and its mailboxes, and returns what it does at a
// command.
func playInbox(ctx context.Context, dir string, number int) (command func(string), err error) {
	seed, _ := strconv.ParseUint(os.Getenv(envSeed), 10, 64)
	imapPort, _ := strconv.Atoi(os.Getenv(envIMAPPort))
	of, err := chooseLanes(os.Getenv(envLanes))
	if err != nil {
		return nil, err
	}
	misbehave, err := newServerFaults(dir, seed, of)
	if err != nil {
		return nil, err
	}
	mailboxes, err := newServerMailboxes(dir, seed)
	if err != nil {
		return nil, err
	}
	mailboxes.server, err = inbox.Start(ctx, inbox.Options{
		Dir: dir, Port: number, Log: os.Stderr, OnLogin: misbehave.onLogin, OnRcpt: misbehave.onRcpt, OnData: misbehave.onData,
		Mailboxes: true, IMAPPort: imapPort, OnAnswer: mailboxes.onAnswer, OnRead: mailboxes.onRead,
	})
	return func(line string) {
		misbehave.command(line)
		mailboxes.command(line)
	}, err
}

func playRole(role string) int {
	number, _ := strconv.Atoi(os.Getenv(envPort))
	dir := os.Getenv(envDir)
	ctx := context.Background()
	command := func(string) {}
	var err error
	switch role {
	case roleInbox:
		command, err = playInbox(ctx, dir, number)
	case roleGateway:
		_, err = smsgateway.Start(ctx, smsgateway.Options{Dir: dir, Port: number, Log: os.Stderr})
	case roleTemporal:
		url := func(database string) string { return strings.ReplaceAll(os.Getenv(envURL), "%s", database) }
		_, err = temporal.Start(ctx, temporal.Options{DatabaseURL: url, Port: number, Log: os.Stderr, FaultInjection: storageFaults(os.Getenv(envErrors))})
	case roleHighWater:
		contacts, _ := strconv.Atoi(os.Getenv(envContacts))
		go func() {
			if err := playHighWater(dir, number, contacts); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}()
	default:
		err = fmt.Errorf("there is no role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, "ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		command(lines.Text())
	}
	return 0
}
