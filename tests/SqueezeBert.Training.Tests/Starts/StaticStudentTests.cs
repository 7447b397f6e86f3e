using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Starts;

/// <summary>Tables of static embeddings against the teacher's hidden states for each piece alone.</summary>
public sealed class StaticStudentTests
{
    private static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. TinyTeacher.Vocabulary];

    /// <summary>A rotation keeps the products of centred rows.</summary>
    [Fact]
    public void AllComponentsKeepEveryProductOfCentredRows()
    {
        using var teacher = new TinyTeacher();
        var report = StudentModel.Create(teacher.Path, teacher.Place("table"),
            new StudentOptions { Static = new StaticEmbeddings { SifCoefficient = null }, Threads = 2 });
        Assert.Equal((Pieces.Length * TinyTeacher.Width, 0L), (report.ParameterCount, report.MultiplyAddsPerToken));
        var states = MeanStates(teacher);
        var table = Table(teacher.Place("table"), TinyTeacher.Width);
        for (var i = 0; i < Pieces.Length; i++)
        {
            for (var j = 0; j < Pieces.Length; j++) Assert.Equal(Dot(states[i], states[j]), Dot(table[i], table[j]), 1e-4);
        }
    }

    [Fact]
    public void FewerComponentsAreTheFirstOfAll()
    {
        using var teacher = new TinyTeacher();
        foreach (var (name, width) in (ReadOnlySpan<(string, int?)>)[("all", null), ("few", 6)])
        {
            StudentModel.Create(teacher.Path, teacher.Place(name),
                new StudentOptions { Static = new StaticEmbeddings { SifCoefficient = null, Dimensions = width } });
        }

        var all = Table(teacher.Place("all"), TinyTeacher.Width);
        Assert.Equal(all.Select(row => row[..6]), Table(teacher.Place("few"), 6));

        // Fewer pieces than channels: the last components are nothing but rounding.
        var spread = Enumerable.Range(0, Pieces.Length - 1).Select(column => all.Sum(row => row[column] * row[column])).ToList();
        Assert.Equal(spread.OrderDescending(), spread);
        Assert.True(spread[0] > 2 * spread[5]);
    }

    [Fact]
    public void FrequentPiecesWeighLess()
    {
        using var teacher = new TinyTeacher();
        foreach (var (name, coefficient) in (ReadOnlySpan<(string, double?)>)[("plain", null), ("weighted", 0.01)])
        {
            StudentModel.Create(teacher.Path, teacher.Place(name),
                new StudentOptions { Static = new StaticEmbeddings { SifCoefficient = coefficient } });
        }

        var plain = Table(teacher.Place("plain"), TinyTeacher.Width);
        var weighted = Table(teacher.Place("weighted"), TinyTeacher.Width);
        var sum = Enumerable.Range(2, Pieces.Length).Sum(rank => 1.0 / rank);
        for (var i = 0; i < Pieces.Length; i++)
        {
            var weight = 0.01 / (0.01 + (1.0 / (i + 2) / sum));
            for (var j = 0; j < TinyTeacher.Width; j++) Assert.Equal(weight * plain[i][j], weighted[i][j], 1e-6);
        }
    }

    [Fact]
    public void TheFolderIsASentenceEncoderWhateverTheThreads()
    {
        using var teacher = new TinyTeacher();
        foreach (var threads in (int[])[1, 2])
        {
            StudentModel.Create(teacher.Path, teacher.Place($"table{threads}"), new StudentOptions
            {
                Static = new StaticEmbeddings { Dimensions = 8 },
                Precision = TensorType.Float16,
                Threads = threads,
            });
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(teacher.Place("table1"), "model.safetensors")),
            File.ReadAllBytes(Path.Combine(teacher.Place("table2"), "model.safetensors")));
        using var embedder = TextEmbedder.Load(teacher.Place("table1"));
        Assert.Equal((8, true, 512), (embedder.Dimensions, embedder.Settings.Normalize, embedder.MaxLength));
        var vector = embedder.Embed("the film unknown").Vector.ToArray();
        Assert.Equal(1, vector.Sum(value => value * value), 1e-5f);
    }

    [Fact]
    public void WhatCannotBeMadeIsRefusedBeforeAnythingIsWritten()
    {
        using var teacher = new TinyTeacher();
        Refused<ArgumentException>(
            "1 to 32 principal components", new StudentOptions { Static = new StaticEmbeddings { Dimensions = 33 } });
        Refused<ArgumentException>("above 0 and below 1", new StudentOptions { Static = new StaticEmbeddings { SifCoefficient = 1 } });
        Refused<ArgumentException>("no layers to keep", new StudentOptions { Static = new StaticEmbeddings(), KeepLayers = [0] });
        Assert.False(Directory.Exists(teacher.Place("none")));
        StudentModel.Create(teacher.Path, teacher.Place("table"), new StudentOptions { Static = new StaticEmbeddings() });
        var error = Assert.Throws<NotSupportedException>(() => StudentModel.Create(teacher.Place("table"), teacher.Place("none")));
        Assert.Contains("static embeddings", error.Message, StringComparison.Ordinal);

        void Refused<T>(string reason, StudentOptions options)
            where T : Exception =>
            Assert.Contains(reason, Assert.Throws<T>(() => StudentModel.Create(teacher.Path, teacher.Place("none"), options)).Message,
                StringComparison.Ordinal);
    }

    /// <summary>[CLS] piece [SEP] of each piece through the teacher, the mean, less the mean of all.</summary>
    private static double[][] MeanStates(TinyTeacher teacher)
    {
        using var extractor = FeatureExtractor.Load(teacher.Path);
        var states = Pieces.Select(piece =>
        {
            var features = extractor.Extract(piece);
            Assert.Equal(3, features.TokenCount);
            return Enumerable.Range(0, TinyTeacher.Width)
                .Select(i => ((double)features[0][i] + features[1][i] + features[2][i]) / 3).ToArray();
        }).ToArray();
        var mean = Enumerable.Range(0, TinyTeacher.Width).Select(i => states.Average(state => state[i])).ToArray();
        return [.. states.Select(state => state.Zip(mean, (value, middle) => value - middle).ToArray())];
    }

    private static float[][] Table(string folder, int width)
    {
        using var model = ModelFolder.Open(folder);
        var values = new float[Pieces.Length * width];
        model.Tensors.ReadFloats("embeddings", values);
        return [.. values.Chunk(width)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
