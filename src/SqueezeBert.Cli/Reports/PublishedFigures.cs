namespace SqueezeBert.Cli.Reports;

/// <summary>What others have published of a model on one part of a benchmark; their figures, not measured by this tool.</summary>
/// <param name="Model">The model, as they call it.</param>
/// <param name="Split">The part of the benchmark: "test" (the leaderboard's server) or "dev".</param>
/// <param name="Source">Where the figures were published, and through what they were read.</param>
/// <param name="Values">
/// The figures in hundredths by set and figure. Missing is what the source does not say, or of what kind it does not say: correlations of
/// STS-B on the test set, MNLI without its part, and SqueezeBERT's QQP, which is likely a mean of two figures.
/// </param>
internal sealed record PublishedColumn(
    string Model, string Split, string Source, IReadOnlyDictionary<(string Set, string Figure), double> Values);

/// <summary>Published figures of small encoders on GLUE and SQuAD.</summary>
internal static class PublishedFigures
{
    private const string Survey = "Gupta and Agrawal, Compression of Deep Learning Models for Text: A Survey, arXiv 2008.05221, table 4";
    private const string SqueezeBertPaper = "Iandola et al., SqueezeBERT, arXiv 2006.11316 (distilled; through arXiv 2008.05221, table 4)";
    private const string MobileBertPaper = "Sun et al., MobileBERT, arXiv 2004.02984 (through a script of huggingface/nn_pruning)";
    private const string TinyBertPaper = "Jiao et al., TinyBERT, arXiv 1909.10351";
    private const string Agni = "AGNI, README, final results (another's run, plain AdamW, without distillation)";
    private const string Community = "mrm8488/squeezebert-finetuned-squadv1 and -squadv2, model cards (not the authors')";

    private static readonly string[] Test = ["MNLI-m", "MNLI-mm", "QNLI", "SST-2", "CoLA", "RTE"];
    private static readonly string[] Dev = ["CoLA", "SST-2", "QNLI", "RTE"];

    /// <summary>All columns, GLUE's first.</summary>
    public static IReadOnlyList<PublishedColumn> All { get; } =
    [
        new("BERT-base", "test", Survey, Glue(Test, [84.6, 83.4, 90.5, 93.5, 52.1, 66.4], ("QQP", "f1", 71.2), ("MRPC", "f1", 88.9))),
        new("SqueezeBERT", "test", SqueezeBertPaper, Glue(Test, [82.0, 81.1, 90.1, 91.4, 46.5, 73.2], ("MRPC", "f1", 87.8))),
        new("MobileBERT", "test", MobileBertPaper,
            Glue(Test, [83.3, 82.6, 90.6, 92.8, 50.5, 66.2], ("QQP", "f1", 70.2), ("MRPC", "f1", 88.8))),
        new("TinyBERT-6", "test", TinyBertPaper,
            Glue(Test, [84.6, 83.2, 90.4, 93.1, 51.1, 70.0], ("QQP", "f1", 71.6), ("MRPC", "f1", 87.3))),
        new("TinyBERT-4", "test", TinyBertPaper,
            Glue(Test, [82.5, 81.8, 87.7, 92.6, 44.1, 66.6], ("QQP", "f1", 71.3), ("MRPC", "f1", 86.4))),
        new("BERT-base", "dev", Agni, Glue(Dev, [57.4, 92.3, 91.4, 64.6], ("MRPC", "accuracy", 83.8), ("MRPC", "f1", 88.6),
            ("STS-B", "pearson", 88.4), ("STS-B", "spearman", 88.0), ("QQP", "accuracy", 91.2), ("QQP", "f1", 88.1))),
        new("SqueezeBERT", "dev", Agni, Glue(Dev, [39.6, 89.2, 89.9, 64.6], ("MRPC", "accuracy", 79.9), ("MRPC", "f1", 86.2),
            ("STS-B", "pearson", 86.9), ("STS-B", "spearman", 87.2), ("QQP", "accuracy", 89.6), ("QQP", "f1", 86.4))),
        new("BERT-base", "dev", MobileBertPaper, Squad(80.8, 88.5, 73.85, 76.70)),
        new("SqueezeBERT", "dev", Community, Squad(76.66, 85.83, 69.98, 74.14)),
        new("MobileBERT", "dev", MobileBertPaper, Squad(82.9, 90.0, 76.2, 79.2)),
        new("TinyBERT-6", "dev", TinyBertPaper, Squad(79.7, 87.5, 74.7, 77.7)),
        new("TinyBERT-4", "dev", TinyBertPaper, Squad(72.7, 82.1, 68.2, 71.8)),
    ];

    private static Dictionary<(string, string), double> Glue(
        string[] sets, double[] values, params (string Set, string Figure, double Value)[] others) =>
        sets.Zip(values, (set, value) => (Set: set, Figure: set == "CoLA" ? "matthews" : "accuracy", Value: value)).Concat(others)
            .ToDictionary(figure => (figure.Set, figure.Figure), figure => figure.Value);

    private static Dictionary<(string, string), double> Squad(double exact, double f1, double exactOf2, double f1Of2) => new()
    {
        [("dev-v1.1", "exact_match")] = exact,
        [("dev-v1.1", "f1")] = f1,
        [("dev-v2.0", "exact")] = exactOf2,
        [("dev-v2.0", "f1")] = f1Of2,
    };
}
