using SqueezeBert.Cli;

using var console = ToolConsole.ForProcess();
return Tool.Run(args, console);
