"""Files that run `gonogo audit` on a schedule, on each of the platforms where people have one."""
