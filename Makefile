# Everything installs what it needs by itself. See .ci/ for what each does.
export OPTAG_TAGS = x11,no_emoji,migrated_fynedo
OUT ?= /tmp/optag-run

.PHONY: run test build deb vm lint soak bench
run:                      # the station on simulators, or a scripted clerk where there is no display
	@sh .ci/setup && sh .ci/start "$(OUT)"
test:                     # everything that can be tested on this machine
	@sh .ci/setup && sh .ci/test
build:                    # ./optag and ./optag-intake into $(OUT)
	@sh .ci/setup && go build -tags $(OPTAG_TAGS) -o "$(OUT)/" ./cmd/...
deb:                      # the same as a Debian package
	@sh .ci/setup && sh .ci/deb/build "$(OUT)"
vm:                       # the tests that meet the devices through a real kernel, emulated
	@sh .ci/setup && sh testdata/vm/run
lint:
	@sh .ci/lint
soak:                     # long runs: kill -9, random cases, fuzzing
	@sh .ci/setup && sh .ci/soak
bench:
	@go test -tags $(OPTAG_TAGS) -run '^$$' -bench . ./... ./testdata/gen
