refuseInvalidArguments()
ControlCommand.main()
