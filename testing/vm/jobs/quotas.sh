# As `schemes`, but each scheme has a quota.
quotas=quotas
. /job/vm/jobs/schemes.sh
