using SqueezeBert.Cli;
using SqueezeBert.Cli.Terminal;

using var console = ToolConsole.ForProcess();
return Tool.Run(args, console);
