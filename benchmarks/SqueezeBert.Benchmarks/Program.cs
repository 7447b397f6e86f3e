using System.ComponentModel;
using SqueezeBert.Benchmarks;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Indexes;
using SqueezeBert.Benchmarks.Kernels;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Benchmarks.Published;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

// Each benchmark prints tables; docs/results holds them with CPU, date and command.
(string Name, string Usage, Action<Arguments, TextWriter> Run)[] benchmarks =
[
    ("inference", InferenceBenchmark.Usage, InferenceBenchmark.Run),
    ("profile", InferenceProfile.Usage, InferenceProfile.Run),
    ("texts", TextsBenchmark.Usage, TextsBenchmark.Run),
    ("published", PublishedBenchmark.Usage, PublishedBenchmark.Run),
    ("machine", MachineBenchmark.Usage, MachineBenchmark.Run),
    ("kernels", KernelBenchmark.Usage, KernelBenchmark.Run),
    ("concurrency", ConcurrencyBenchmark.Usage, ConcurrencyBenchmark.Run),
    ("storm", StormBenchmark.Usage, StormBenchmark.Run),
    ("long-text", LongTextBenchmark.Usage, LongTextBenchmark.Run),
    ("memory", MemoryBenchmark.Usage, MemoryBenchmark.Run),
    ("allocation", AllocationBenchmark.Usage, AllocationBenchmark.Run),
    ("index", IndexBenchmark.Usage, IndexBenchmark.Run),
    ("index-accuracy", IndexAccuracy.Usage, IndexAccuracy.Run),
    ("startup", StartupBenchmark.Usage, StartupBenchmark.Run),
    ("training", TrainingBenchmark.Usage, TrainingBenchmark.Run),
    ("distillation", DistillationBenchmark.Usage, DistillationBenchmark.Run),
    ("training-profile", TrainingProfile.Usage, TrainingProfile.Run),
    ("tokenizer", "--text FILE --vocab VOCAB.TXT [--megabytes 20] [--rounds 9]", (arguments, _) => TokenizerBenchmark.Run(arguments)),
];
var chosen = benchmarks.FirstOrDefault(benchmark => benchmark.Name == args.FirstOrDefault());
if (chosen.Run is null)
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project benchmarks/SqueezeBert.Benchmarks -- BENCHMARK [options]");
    foreach (var (name, usage, _) in benchmarks) Console.Error.WriteLine($"  {name,-16} {usage}");
    Console.Error.WriteLine("  --results FOLDER writes what a benchmark prints into the file of this processor");
    return 2;
}

if (args.Contains("--help"))
{
    Console.WriteLine($"usage: {chosen.Name} {chosen.Usage} [--results FOLDER]");
    return 0;
}

try
{
    var arguments = new Arguments(args);
    if (arguments.Text("--results") is not { } folder)
    {
        chosen.Run(arguments, Console.Out);
        return 0;
    }

    using var written = new StringWriter();
    using var both = new BothWriters(Console.Out, written);
    chosen.Run(arguments, both);
    Console.WriteLine(ResultsFile.Write(folder, chosen.Name, written.ToString()));
    return 0;
}
catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException or Win32Exception or DataFormatException
    or InvalidModelFileException or InvalidDataException)
{
    Console.Error.WriteLine($"SqueezeBert.Benchmarks: {e.Message}");
    return 2;
}
catch (WrongResultException e)
{
    Console.Error.WriteLine($"SqueezeBert.Benchmarks: wrong result: {e.Message}");
    return 1;
}
