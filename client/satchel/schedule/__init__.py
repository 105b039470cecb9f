"""Backups on a schedule, run by the system's own scheduler: satchel has no daemon.

    schedule = Schedule(name="backup", arguments=("backup",), every_s=86_400, ...)
    plan = manager.plan(Job.of(schedule, program))     # exactly what will be installed, to show first
    manager.install(plan)

A systemd user timer, a launchd agent or a crontab line starts `satchel schedule run NAME --if-due` every hour or
more often. `due` decides whether a run is due, so a run that was missed or failed is caught up within the hour.
"""
