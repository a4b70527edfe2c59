package workflows_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/workflows"
)

var update = flag.Bool("update", false, "write testdata/contract.json anew")

// Other programs, running enrollments and histories rely on what is in
// testdata/contract.json. When this test fails, a name or a JSON field has changed that
// they read or write: do not fix the file, fix the change. Only what is added may be
// written into it, with: go test ./workflows -run TestContractIsFrozen -update
func TestContractIsFrozen(t *testing.T) {
	const path = "testdata/contract.json"
	now, err := json.MarshalIndent(contract(), "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(path, append(now, '\n'), 0o644))
	}
	frozen, err := os.ReadFile(filepath.FromSlash(path))
	require.NoError(t, err)
	require.JSONEq(t, string(frozen), string(now),
		"the contract has changed: running enrollments and other programs read the old one. Keep what is there, and add only")
}

// contract is everything that has a name outside of this program, and every payload
// with each of its fields set.
func contract() map[string]any {
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	resume := campaign.Resume{ParkID: 2, FixID: "fix-7", By: "maya", Note: "mended", Assume: campaign.AssumeNotSent}
	parked := failure.Parked{Problem: failure.Problem{
		Code: failure.ContactHasNoEmail, Detail: "why", Words: &failure.Words{Said: "550 no", Meaning: "why"}, Variable: "company", Causes: []failure.Cause{failure.ContactEmail(17)},
	}, ParkID: 2, Since: at, Attempts: 3}
	next := campaign.Next{Completed: true, StepID: "follow-up", StepIndex: 2, Wait: time.Hour, Days: 3, SendingDays: 3, At: at, Kind: campaign.Email, WaitStep: "wait-2", Version: 4, Visit: 3}
	attempt := campaign.Attempt{
		EnrollmentID: 5, CampaignKey: "q4", ContactID: 17, StepID: "intro", StepIndex: 1, Visit: 2,
		ResumedPark: 1, Resume: &resume, Next: next, Due: at, Clock: at, Follows: true, Version: 4, Kind: campaign.Email,
		Retry: campaign.Retry{Initial: time.Second, Factor: 2, Max: time.Minute, Attempts: 5},
		Tried: 1, Turn: 5,
		Failed: &failure.FailedTry{Detail: "451 4.7.1 try later", Words: &failure.Words{Said: "451 4.7.1 try later", Meaning: "later"}, RetryAfter: time.Minute},
	}
	leave := workflows.Disenroll{Reason: "left", By: "maya"}
	state := workflows.State{
		Status: campaign.InError, StepIndex: 1, StepID: "intro", Visit: 2, NextAt: at, WaitEnds: at, Due: at, Park: &parked, ResumedPark: 1, Resume: &resume,
		Sent: 1, Parks: 2, StaleResumes: 3, SeenFixes: []string{"fix-7"}, Tried: 1, Published: campaign.InError, PublishedStep: "intro",
		Next: &next, Early: &resume, Leaving: &leave, Edited: true, Onward: &next,
	}
	var kinds, codes, statuses []any
	for _, kind := range campaign.Kinds() {
		kinds = append(kinds, kind)
	}
	for _, entry := range failure.Catalogue() {
		codes = append(codes, entry.Code)
	}
	for _, status := range campaign.Statuses() {
		statuses = append(statuses, status)
	}
	attributes := map[string]any{}
	for value, at := reflect.ValueOf(workflows.Attr), 0; at < value.NumField(); at++ {
		key := value.Field(at).Interface().(interface{ GetName() string })
		attributes[key.GetName()] = value.Field(at).Type().Name()
	}
	return map[string]any{
		"taskQueue":        workflows.TaskQueue,
		"workflows":        []string{workflows.EnrollmentType, workflows.EnrollContactsType, workflows.WakeContactsType, workflows.WatchEnrollmentsType, workflows.GiveTurnsType, workflows.MailboxType, workflows.TendMailboxesType},
		"schedules":        []string{workflows.WakeScheduleID, workflows.WatchScheduleID, workflows.TurnsScheduleID, workflows.MailboxesScheduleID},
		"query":            workflows.EnrollmentQuery,
		"update":           workflows.ResumeUpdate,
		"searchAttributes": attributes,
		"workflowIds":      []string{workflows.EnrollmentWorkflowID("q4-outreach", 17), workflows.EnrollContactsWorkflowID("q4-outreach"), workflows.MailboxWorkflowID("maya@northwind.example")},
		"activities": []string{
			workflows.SendEmailActivity, workflows.SendSMSActivity, workflows.RecordFailureActivity, workflows.RecordDisenrollActivity,
			workflows.WakeActivity, workflows.StartEnrollmentsActivity, workflows.StartFewActivity,
			workflows.FindEndedActivity, workflows.GiveTurnsActivity, workflows.ReadMailboxActivity, workflows.TendMailboxesActivity,
		},
		"signals": map[string]any{
			workflows.ResumeSignal.Name: resume, workflows.DisenrollSignal.Name: leave,
			workflows.TurnSignal.Name:    workflows.Turn{Turn: 3},
			workflows.UnpauseSignal.Name: nil, workflows.EnrollSignal.Name: nil, workflows.EditedSignal.Name: nil,
			workflows.ContinueSignal.Name: next,
		},
		"words": map[string]any{
			"kinds": kinds, "codes": codes, "statuses": statuses, "assume": []any{campaign.AssumeSent, campaign.AssumeNotSent},
			"firstTryBuild": workflows.FirstTryBuild, "followBuild": workflows.FollowBuild,
			"outcomes": []any{activities.Done, activities.Waiting, activities.Paused, activities.Ended, activities.Queued, activities.NeedsActivity, activities.Moved},
		},
		"json": map[string]any{
			"EnrollmentInput": workflows.EnrollmentInput{
				CampaignKey: "q4", ContactID: 17, EnrollmentID: 5, Steps: []campaign.Plan{{ID: "w", Kind: campaign.Wait, Wait: time.Hour, Days: 3, SendingDays: 3}}, First: &next,
				Retry: campaign.Retry{Initial: time.Second, Factor: 2, Max: time.Minute, Attempts: 5}, FirstTry: workflows.FirstTryBuild, State: &state,
			},
			"EnrollmentResult":       workflows.EnrollmentResult{Status: campaign.Disenrolled, Sent: 1, Parks: 2, Reason: "left"},
			"EnrollContactsInput":    workflows.EnrollContactsInput{CampaignKey: "q4", Started: 3, Few: true},
			"EnrollContactsResult":   workflows.EnrollContactsResult{Started: 3},
			"WakeContactsResult":     workflows.WakeContactsResult{Signalled: 3},
			"Attempt":                attempt,
			"Result":                 activities.Result{Outcome: activities.Waiting, Until: at, Tried: 1, NextAt: at, Next: &next, MessageID: "m@northwind.example", StepID: "intro", Visit: 2},
			"Parked":                 parked,
			"RecordFailureInput":     activities.RecordFailureInput{Attempt: attempt, Problem: parked.Problem},
			"RecordFailureResult":    activities.RecordFailureResult{Parked: &parked, Sent: true},
			"DisenrollInput":         activities.DisenrollInput{EnrollmentID: 5, Reason: "left", By: "maya", FirstVisit: 3},
			"DisenrollResult":        activities.DisenrollResult{Status: campaign.Completed},
			"WakeResult":             activities.WakeResult{Signalled: 3},
			"WatchEnrollmentsResult": workflows.WatchEnrollmentsResult{Ended: 3, Reopened: 1},
			"WatchResult":            activities.WatchResult{Ended: 3, Reopened: 1},
			"Few":                    activities.Few{Started: 3, More: true},
		},
	}
}

// A field that the samples above leave empty would not be frozen.
func TestTheContractSamplesSetEveryField(t *testing.T) {
	t.Parallel()
	for name, sample := range contract()["json"].(map[string]any) {
		requireFull(t, name, reflect.ValueOf(sample))
	}
}

func requireFull(t *testing.T, path string, value reflect.Value) {
	t.Helper()
	switch {
	case value.Kind() == reflect.Pointer:
		require.False(t, value.IsNil(), path)
		requireFull(t, path, value.Elem())
	case value.Kind() == reflect.Struct && value.Type() != reflect.TypeFor[time.Time]():
		for at := range value.NumField() {
			if value.Type().Field(at).Tag.Get("json") == "-" { // it is on no wire
				continue
			}
			requireFull(t, path+"."+value.Type().Field(at).Name, value.Field(at))
		}
	default:
		require.False(t, value.IsZero(), "%s has no value in the sample", path)
	}
}

// The workflows name most activities by their functions: a function that is renamed must
// not rename what is in histories.
func TestActivitiesAreNamedAsTheirFunctions(t *testing.T) {
	t.Parallel()
	var emails *activities.Emails
	var texts *activities.Texts
	var records *activities.Records
	var wakes *activities.Wakes
	var starts *activities.Starts
	var watch *activities.Watch
	for name, function := range map[string]any{
		workflows.SendEmailActivity: emails.SendEmail, workflows.SendSMSActivity: texts.SendSMS,
		workflows.RecordFailureActivity: records.RecordFailure, workflows.RecordDisenrollActivity: records.RecordDisenroll,
		workflows.WakeActivity: wakes.Wake, workflows.StartEnrollmentsActivity: starts.StartEnrollments, workflows.StartFewActivity: starts.StartFew,
		workflows.FindEndedActivity: watch.FindEnded,
	} {
		full := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()
		require.Equal(t, name, strings.TrimSuffix(full[strings.LastIndex(full, ".")+1:], "-fm"))
	}
}

func TestEnrollmentWorkflowIDsAreReadBack(t *testing.T) {
	t.Parallel()
	key, id, ok := workflows.ParseEnrollmentWorkflowID(workflows.EnrollmentWorkflowID("q4-outreach", 17))
	require.True(t, ok)
	require.Equal(t, "q4-outreach", key)
	require.EqualValues(t, 17, id)
	for _, other := range []string{"enrollment/q4-outreach", "enroll-contacts/q4-outreach", "enrollment//17", "enrollment/q4/x"} {
		_, _, ok = workflows.ParseEnrollmentWorkflowID(other)
		require.False(t, ok, other)
	}
}
