using System.Globalization;
using System.Runtime.InteropServices;
using SqueezeBert.Fuzz;

// dotnet run --project tests/SqueezeBert.Fuzz -c Release -- [--cases N] [--seed S] [--target NAME] [--first N] [--threads N]
long cases = Number("--cases", 1_000_000), first = Number("--first", 0), seed = Number("--seed", 1),
    threads = Number("--threads", Environment.ProcessorCount);
var only = Text("--target");
var targets = FuzzTargets.All.Where(target => only is null || target.Name == only).ToList();
if (targets.Count == 0)
{
    Console.Error.WriteLine(
        $"--target {only}: there is none of that name; there are {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}");
    return 2;
}

const long Slice = 5000;
var each = (cases + targets.Count - 1) / targets.Count;
var work =
    targets.SelectMany(target => Enumerable.Range(0, (int)((each + Slice - 1) / Slice))
        .Select(i => (Target: target, First: first + (i * Slice), Count: Math.Min(Slice, each - (i * Slice))))).ToList();
var results = new List<FuzzResult>();
Parallel.ForEach(work, new ParallelOptions { MaxDegreeOfParallelism = (int)threads }, item =>
{
    var result = FuzzRun.Run(item.Target, (ulong)seed, item.First, item.Count);
    lock (results)
    {
        results.Add(result);
        foreach (var failure in result.Failures) Console.Error.WriteLine(failure);
        Console.Error.Write($"\r{results.Sum(done => done.Cases):N0} cases");
    }
});
Console.Error.WriteLine();

Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture,
        $"Seed {seed}, {results.Sum(result => result.Cases):N0} cases, {RuntimeInformation.OSDescription}, " +
            $"{RuntimeInformation.FrameworkDescription}."));
Console.WriteLine();
Console.WriteLine("| reader | cases | read without error | slowest case, ms | largest allocation, bytes | failures |");
Console.WriteLine("|---|---|---|---|---|---|");
foreach (var target in targets)
{
    var mine = results.Where(result => result.Target == target.Name).ToList();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {target.Name} | {mine.Sum(r => r.Cases):N0} | {mine.Sum(r => r.Accepted):N0} | {mine.Max(r => r.LongestMilliseconds):F0} | " +
            $"{mine.Max(r => r.LargestAllocation):N0} | {mine.Sum(r => r.Failures.Count)} |"));
}

return results.Any(result => result.Failures.Count > 0) ? 1 : 0;

string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

long Number(string name, long missing) => Text(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : missing;
