// Asks servers at a rate of its own and tells how long the answers took.
// dotnet run -c Release --project benchmarks/SqueezeBert.Load -- ask http://127.0.0.1:8080/predict --rate 200 --words 16 --words 200
// dotnet run -c Release --project benchmarks/SqueezeBert.Load -- scenarios --model vectors=all-MiniLM-L6-v2 --results docs/results
using System.CommandLine;
using SqueezeBert.Load;

return await new RootCommand("An open-loop load generator for the server.") { AskCommand.Create(), ScenariosCommand.Create() }
    .Parse(args).InvokeAsync();
