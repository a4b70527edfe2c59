package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.temporal.io/server/common/config"
)

// round is one throughput measurement with some of Temporal's storage calls failing.
type round struct {
	// Share of the calls of each storage method that fails with each of the three errors.
	Share    float64 `json:"share"`
	Contacts int     `json:"contacts"`
	// Seconds until nine of ten were through: the last ones wait for timeouts, one after the other.
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"contactsPerSecond"`
	// Ratio to the clean rounds of the same run.
	Ratio float64 `json:"ratioToClean"`
}

// shares are the rounds: clean ones on both sides, since machines change under a run.
var shares = []float64{0, .01, .05, 0}

const storageFails = " of Temporal's storage calls fail, three ways"

// storageRounds lets Temporal's own storage fail while contacts go through:
// ResourceExhausted, Timeout, and the timeout of a call that was carried out.
func (l *lab) storageRounds(ctx context.Context) {
	l.inbox.send("calm")
	l.together(ctx, func(ctx context.Context) {
		size := l.contacts / len(shares)
		for i, share := range shares {
			done := l.note(fmt.Sprintf("%g %%%s", share*100, storageFails), "")
			l.temporal.kill()
			l.temporal.env = append(l.temporal.env, envErrors+"="+strconv.FormatFloat(share, 'g', -1, 64))
			err := l.temporal.startUntilUp(ctx)
			one := round{Share: share, Contacts: size}
			begun := time.Now()
			if most, ok := l.through(ctx, i*size+1, (i+1)*size); err == nil && ok {
				one.Seconds = most.Sub(begun).Seconds()
				one.PerSecond = .9 * float64(size) / one.Seconds
				l.rounds = append(l.rounds, one)
				l.say("%g %%: nine tenths of %d contacts in %.0f s, all in %.0f s", share*100, size, one.Seconds, time.Since(begun).Seconds())
			}
			done()
		}
		// The laws are judged with a server that answers.
		l.temporal.kill()
		l.temporal.env = append(l.temporal.env, envErrors+"=0")
		_ = l.temporal.startUntilUp(context.WithoutCancel(ctx)) // judging says what does not answer
	})
	var clean, count float64
	for _, one := range l.rounds {
		if one.Share == 0 {
			clean += one.PerSecond
			count++
		}
	}
	for i := range l.rounds {
		l.rounds[i].Ratio = l.rounds[i].PerSecond / (clean / count)
	}
}

// through enrolls contacts, waits until all are through the campaign or in
// error, and answers when nine of ten were.
func (l *lab) through(ctx context.Context, from, to int) (most time.Time, ok bool) {
	var group sync.WaitGroup
	ids := map[string][]string{}
	for id := from; id <= to; id++ {
		of := l.lanes.of(int64(id)).name
		ids[of] = append(ids[of], fmt.Sprint(id))
	}
	for of, ids := range ids {
		group.Go(func() { l.enroll(ctx, of, ids) })
	}
	group.Wait()
	for {
		var busy int
		err := l.db.QueryRow(ctx, `SELECT count(*) FROM enrollments WHERE status IN ('Active', 'Waiting')`).Scan(&busy)
		if err == nil && most.IsZero() && busy <= (to-from+1)/10 {
			most = time.Now()
		}
		if err == nil && busy == 0 {
			return most, true
		}
		if !pause(ctx, 100*time.Millisecond) {
			return most, false
		}
	}
}

// storageFaults are the errors of Temporal's own fault injection, in the calls
// that workflows depend on.
func storageFaults(share string) *config.FaultInjection {
	rate, _ := strconv.ParseFloat(share, 64)
	if rate == 0 {
		return nil
	}
	methods := func(names string) config.FaultInjectionDataStoreConfig {
		of := config.FaultInjectionDataStoreConfig{Methods: map[string]config.FaultInjectionMethodConfig{}}
		for name := range strings.FieldsSeq(names) {
			errors := map[string]float64{"ResourceExhausted": rate, "Timeout": rate}
			if !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "Read") {
				errors["ExecuteAndTimeout"] = rate
			}
			of.Methods[name] = config.FaultInjectionMethodConfig{Errors: errors}
		}
		return of
	}
	return &config.FaultInjection{Targets: config.FaultInjectionTargets{DataStores: map[config.DataStoreName]config.FaultInjectionDataStoreConfig{
		config.ExecutionStoreName: methods("CreateWorkflowExecution UpdateWorkflowExecution GetWorkflowExecution GetCurrentExecution AppendHistoryNodes ReadHistoryBranch"),
		config.TaskStoreName:      methods("CreateTasks GetTasks"),
	}}}
}
