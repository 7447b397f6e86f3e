using SqueezeBert.Benchmarks;

// Each benchmark prints one table; docs/performance.md holds them with CPU and date.
var arguments = new Arguments(args);
switch (args.FirstOrDefault())
{
    case "inference":
        InferenceBenchmark.Run(arguments);
        return 0;
    case "tokenizer":
        TokenizerBenchmark.Run(arguments);
        return 0;
    case "training":
        TrainingBenchmark.Run(arguments);
        return 0;
    case "training-profile":
        TrainingProfile.Run(arguments);
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project benchmarks/SqueezeBert.Benchmarks -- BENCHMARK [options]
              inference  [--threads 1,2] [--lengths 8,16,...] [--seconds 2]
              training   [--threads 1,2] [--shapes small,base] [--seconds 6]
              training-profile  [--shapes small] [--steps 20]
              tokenizer  --text FILE --vocab VOCAB.TXT [--seconds 2]
            """);
        return 2;
}
