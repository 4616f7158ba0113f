// What scripts/build links into a program: of which commit it was made. Another build has none, so
// the symbol is weak and its address is 0 then.
extern const char vipd_commit[] __attribute__((weak));

// Swift imports neither a weak symbol nor an array without a size.
static inline const char *cbuild_commit(void) { return vipd_commit; }
