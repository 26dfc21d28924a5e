# One makefile for everything. `wildcard` finds the sources: a new file needs no edit here.
#   make V=1             shows the commands          make SAN=address,undefined   builds with sanitizers, in a folder of its own
#   make CC=clang        another compiler            make WERROR=1                warnings are errors (CI)
VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD   ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
comma   := ,
Q       := $(if $(V),,@)

CFLAGS ?= -O2 -g
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -Wformat=2 -Wstrict-prototypes \
          -Wmissing-prototypes -Wundef -Wvla -Wwrite-strings -Wswitch-enum -Wnull-dereference -Wpointer-arith \
          -Wdouble-promotion $(if $(WERROR),-Werror)
OURS   := -std=c17 -D_GNU_SOURCE -DCD_VERSION='"$(VERSION)"' -DCD_LIBDIR='"$(PREFIX)/lib/connectd"' -I. -Iinclude \
          -fvisibility=hidden -fno-common -fno-omit-frame-pointer -fstack-protector-strong -fPIC $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
HARDEN := -Wl,-z,relro -Wl,-z,now $(if $(SAN),-fsanitize=$(SAN))
# Programs that start no thread of their own may still have librdkafka's: base/tsan.c must be in them.
PROGRAM := $(if $(findstring thread,$(SAN)),-Wl$(comma)-u$(comma)cd_tsan_linked)

pkg_cflags = $(shell pkg-config --cflags $(1) 2>/dev/null)
pkg_libs   = $(shell pkg-config --libs $(1) 2>/dev/null)
pkg_has    = $(shell pkg-config --exists $(1) 2>/dev/null && echo yes)

# The layers, lowest last: archives are linked in this order, so no arrow can point upward unnoticed.
LAYERS := daemon api plugins kafka config data compat base
LIBS_base   := -lpthread
LIBS_compat  = $(call pkg_libs,libpcre2-8 gmp)
LIBS_data   := -lm
LIBS_config  = $(call pkg_libs,jansson libcrypto)
LIBS_kafka   = $(call pkg_libs,rdkafka)
LIBS_plugins:= -ldl
LIBS_api     = $(call pkg_libs,libmicrohttpd gnutls jansson) -lcrypt
LIBS_daemon :=
SYSLIBS      = $(foreach l,$(LAYERS),$(LIBS_$(l)))

# What a layer may be linked with: itself and everything it may include (style.md, section 1).
DEPS_base    := base
DEPS_compat  := compat base
DEPS_data    := data compat base
DEPS_config  := config compat base
DEPS_kafka   := kafka config data compat base
DEPS_plugins := plugins config data compat base
DEPS_api     := api config compat base
DEPS_daemon  := daemon api plugins kafka config data compat base

objs = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
lib  = $(BUILD)/lib$(1).a

CONNECTORS := counter file sqlite postgres
NEEDS_sqlite   := sqlite3
NEEDS_postgres := libpq
SHARED_sqlite   := sql
SHARED_postgres := sql
usable = $(foreach c,$(CONNECTORS),$(if $(wildcard connectors/$(c)/*.c),$(if $(NEEDS_$(c)),$(if $(call pkg_has,$(NEEDS_$(c))),$(c),$(info connector $(c) is skipped: no $(NEEDS_$(c)) development files)),$(c))))
BUILDABLE := $(usable)

.PHONY: all demo check-quick check check-long bench lint format deps install uninstall clean units fuzzers
all: $(BUILD)/connectd $(BUILDABLE:%=$(BUILD)/connectors/%.so)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<")
	$(Q)$(CC) $(OURS) $(WARN) $(CFLAGS) -MMD -MP -c $< -o $@

# A driver's headers need not be in the compiler's own path.
$(foreach c,$(BUILDABLE),$(if $(NEEDS_$(c)),$(eval $(BUILD)/connectors/$(c)/%.o $(BUILD)/tests/unit/$(c)/%.o: OURS += $(call pkg_cflags,$(NEEDS_$(c))))))

$(foreach l,$(LAYERS),$(eval $(call lib,$(l)): $(call objs,$(l))))
$(BUILD)/lib%.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

$(BUILD)/connectd: $(foreach l,$(LAYERS),$(call lib,$(l)))
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -rdynamic -o $@ -Wl,--whole-archive $(call lib,daemon) -Wl,--no-whole-archive $(filter-out %libdaemon.a,$^) $(LDFLAGS) $(SYSLIBS)

.SECONDEXPANSION:
$(BUILD)/connectors/%.so: $$(call objs,connectors/$$*) $$(foreach s,$$(SHARED_$$*),$$(call objs,connectors/$$(s)))
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) -shared $(HARDEN) $(if $(SAN),,-Wl,-z,defs) -o $@ $^ $(LDFLAGS) $(if $(NEEDS_$*),$(call pkg_libs,$(NEEDS_$*))) -lm

# ---- unit tests: tests/unit/<folder>/test_<file>.c, linked with that folder's layer and those below it ----
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
FAKES    := $(call objs,tests/fake)
unit_layer = $(firstword $(subst /, ,$(patsubst $(BUILD)/unit/%,%,$(1))))

# A connector's tests link its objects beside the daemon's layers, for the fake host.
unit_deps = $(if $(DEPS_$(call unit_layer,$(1))),$(foreach l,$(DEPS_$(call unit_layer,$(1))),$(call lib,$(l))),$(call objs,connectors/$(call unit_layer,$(1))) $(foreach s,$(SHARED_$(call unit_layer,$(1))),$(call objs,connectors/$(s))) $(foreach l,$(DEPS_plugins),$(call lib,$(l))))
unit_libs = $(if $(DEPS_$(call unit_layer,$(1))),$(foreach l,$(DEPS_$(call unit_layer,$(1))),$(LIBS_$(l))),$(if $(NEEDS_$(call unit_layer,$(1))),$(call pkg_libs,$(NEEDS_$(call unit_layer,$(1))))) $(foreach l,$(DEPS_plugins),$(LIBS_$(l))))

# cmocka's asserts do not return, but the compiler cannot know: it sees pointers used after a failed assert_non_null.
$(BUILD)/tests/%.o: WARN += -Wno-null-dereference

# Fakes are an archive: a test takes only what it calls.
$(BUILD)/libfake.a: $(FAKES)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(UNIT_BIN): $$(patsubst $(BUILD)/unit/%,$(BUILD)/tests/unit/%.o,$$@) $(BUILD)/libfake.a $$(call unit_deps,$$@)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(PROGRAM) -o $@ $< -Wl,--start-group $(filter-out $<,$^) -Wl,--end-group $(LDFLAGS) -lcmocka $(call pkg_libs,jansson) $(call unit_libs,$@)

units: $(UNIT_BIN)

# ---- bounded fuzzing: tests/fuzz/fuzz_<what>.c with the entry point of libFuzzer, driven by tests/fuzz/main.c ----
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzzers: $(FUZZ_BIN)
$(FUZZ_BIN): $(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/main.o $(BUILD)/libfake.a $(foreach l,$(filter-out daemon,$(LAYERS)),$(call lib,$(l)))
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDFLAGS) $(SYSLIBS)

# ---- what the README names ----
deps:
	@tests/tools/deps --all

demo:
	@tests/tools/deps
	@$(MAKE) --no-print-directory all
	@demo/run

check-quick: all units
	@tests/tools/run --build $(BUILD) units quick

check: deps
	@$(MAKE) --no-print-directory all units
	@tests/tools/run --build $(BUILD) units quick real

check-long: deps
	@tests/tools/long

# ---- bench/limits/<name>.c: bare programs, alone with librdkafka ----
LIMITS := $(patsubst bench/limits/%.c,$(BUILD)/bench/limits/%,$(wildcard bench/limits/*.c))
$(LIMITS): %: %.o
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -o $@ $< $(LDFLAGS) $(call pkg_libs,rdkafka)

# ---- bench/micro: the hot paths alone; the databases' in programs of their own ----
PATHS := $(BUILD)/bench/paths $(if $(filter postgres,$(BUILDABLE)),$(BUILD)/bench/paths-postgres)
$(BUILD)/bench/micro/postgres/%.o: OURS += $(call pkg_cflags,libpq)
$(BUILD)/bench/paths: $(call objs,bench/micro) $(call objs,connectors/file) $(BUILD)/libfake.a $(foreach l,$(LAYERS),$(call lib,$(l)))
$(BUILD)/bench/paths-postgres: $(BUILD)/bench/micro/main.o $(call objs,bench/micro/postgres) $(call objs,connectors/postgres) $(call objs,connectors/sql) $(foreach l,$(DEPS_plugins),$(call lib,$(l)))
$(PATHS):
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDFLAGS) $(SYSLIBS) $(if $(findstring postgres,$@),$(call pkg_libs,libpq))

# Instructions a record against bench/baseline, under callgrind.
.PHONY: smoke
smoke: $(PATHS)
	@CC=$(CC) bench/smoke $(PATHS)

# BENCH chooses: make bench BENCH="--jvm file-topic".
bench: deps
	@$(MAKE) --no-print-directory all $(LIMITS)
	@CONNECTD_BUILD=$(BUILD) bench/run $(BENCH)

lint:
	@tests/tools/run --build $(BUILD) lint

FORMATTED = $(shell git ls-files '*.c' '*.h')
format:
	@clang-format -i $(FORMATTED)

# ---- pages written from the descriptors; a test compares ----
.PHONY: docs
docs: all
	$(BUILD)/connectd keys --markdown > docs/configuration.md
	$(BUILD)/connectd keys --man > docs/man/connectd.properties.5

# ---- installing ----
MAN1 := connectd.1 connect-standalone.1 connect-distributed.1
HEADERS := $(wildcard include/connectd/*.h)
SAMPLES := $(wildcard config/samples/*)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/connectd $(DESTDIR)$(PREFIX)/include/connectd \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/share/connectd $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(BUILD)/connectd $(DESTDIR)$(PREFIX)/bin/connectd
	ln -sf connectd $(DESTDIR)$(PREFIX)/bin/connect-standalone
	ln -sf connectd $(DESTDIR)$(PREFIX)/bin/connect-distributed
	install -m 644 $(BUILDABLE:%=$(BUILD)/connectors/%.so) $(DESTDIR)$(PREFIX)/lib/connectd/
	install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include/connectd/
	install -m 644 $(SAMPLES) $(DESTDIR)$(PREFIX)/share/connectd/
	install -m 644 docs/man/connectd.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	ln -sf connectd.1 $(DESTDIR)$(PREFIX)/share/man/man1/connect-standalone.1
	ln -sf connectd.1 $(DESTDIR)$(PREFIX)/share/man/man1/connect-distributed.1
	install -m 644 docs/man/connectd.properties.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 packaging/completion/connectd $(DESTDIR)$(PREFIX)/share/bash-completion/completions/
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' connectd.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/connectd.pc

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,connectd connect-standalone connect-distributed)
	rm -rf $(addprefix $(DESTDIR)$(PREFIX)/,lib/connectd include/connectd share/connectd)
	rm -f $(DESTDIR)$(PREFIX)/lib/pkgconfig/connectd.pc $(addprefix $(DESTDIR)$(PREFIX)/share/man/man1/,$(MAN1)) \
	  $(DESTDIR)$(PREFIX)/share/man/man5/connectd.properties.5 $(DESTDIR)$(PREFIX)/share/bash-completion/completions/connectd

# ---- Debian packages: the tracked files with packaging/debian as debian; needs debhelper ----
.PHONY: deb
DEB := $(abspath $(BUILD))/deb
deb:
	rm -rf $(DEB)
	mkdir -p $(DEB)/connectd-$(VERSION)
	git ls-files -z | xargs -0 cp --parents -P -t $(DEB)/connectd-$(VERSION)
	cp -rL packaging/debian $(DEB)/connectd-$(VERSION)/debian
	cd $(DEB)/connectd-$(VERSION) && dpkg-buildpackage -us -uc -b
	@ls $(DEB)/*.deb

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name deb -prune -o -type f -name '*.d' -print 2>/dev/null)
