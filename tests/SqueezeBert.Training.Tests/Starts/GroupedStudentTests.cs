using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Tests.Starts;

public sealed class GroupedStudentTests
{
    private static readonly string[] Texts = ["The film was very good.", "a man is playing guitar in the park", "dog", ""];

    [Theory]
    [InlineData("BertModel")]
    [InlineData("BertForSequenceClassification")]
    [InlineData("BertForMaskedLM")]
    public void WithoutGroupsAStudentIsItsTeacherInAnotherArchitecture(string architecture)
    {
        using var teacher = new TinyTeacher(architecture);
        var report = StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions { Groups = new StudentGroups() });
        Assert.IsType<SqueezeBertConfiguration>(report.Configuration);
        Assert.Equal((0, 0), (report.LayerErrors.Count, report.FittedTokens));
        Assert.Equal(architecture.Replace("Bert", "SqueezeBert"), report.Configuration.Architectures[0]);
        AssertClose(Hidden(teacher.Path), Hidden(teacher.Place("student")), 2e-6f);
        using var student = ModelFolder.Open(teacher.Place("student"));
        Assert.Empty(student.CompareWeights().Missing);
        using var embedder = TextEmbedder.Load(teacher.Place("student"));
        Assert.Equal((SentencePooling.Max, 11), (embedder.Settings.Pooling, embedder.MaxLength));
    }

    [Fact]
    public void AClassifierKeepsItsLogits()
    {
        using var teacher = new TinyTeacher("BertForSequenceClassification");
        StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions { Groups = new StudentGroups() });
        using var from = TextClassifier.Load(teacher.Path);
        using var to = TextClassifier.Load(teacher.Place("student"));
        Assert.All(Texts, text => Assert.Equal(from.Classify(text).Score, to.Classify(text).Score, 1e-6f));
    }

    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(4, 1, 1)]
    [InlineData(2, 2, 4)]
    public void ABlockDiagonalTeacherIsFoundAgain(int attention, int attentionOutput, int feedForward)
    {
        using var teacher = new TinyTeacher();
        var neurons = BlockDiagonal(teacher, attention, attentionOutput, feedForward);
        var report = StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions
        {
            Groups = new StudentGroups(attention, attentionOutput, feedForward),
            FitText = [teacher.Text(400)],
            FitTokens = 2500,
            Ridge = 1e-9,
        });
        Assert.InRange(report.FittedTokens, 2500, 2520);
        Assert.All(report.LayerErrors, error => Assert.InRange(error, 0, 1e-4));
        AssertClose(Hidden(teacher.Path), Hidden(teacher.Place("student")), 2e-3f);

        // The penalty alone, drawn to zero instead of the teacher's own weights, would be seen here.
        using var student = ModelFolder.Open(teacher.Place("student"));
        if (feedForward == 1) return;
        var up = Read(student, "encoder.layers.1.intermediate.conv1d.bias");
        using var source = ModelFolder.Open(teacher.Path);
        var bias = Read(source, "encoder.layer.1.intermediate.dense.bias");
        for (var i = 0; i < up.Length; i++) Assert.Equal(bias[neurons[i]], up[i], 1e-2f);
    }

    [Fact]
    public void FittedProjectionsAreBetterThanNone()
    {
        using var teacher = new TinyTeacher();
        var options = new StudentOptions { Groups = new StudentGroups(2, 1, 2), FitText = [teacher.Text(400)], FitTokens = 2000 };
        var fitted = StudentModel.Create(teacher.Path, teacher.Place("fitted"), options);
        var drawn = StudentModel.Create(teacher.Path, teacher.Place("drawn"), options with { Ridge = 1e6 });
        Assert.Equal(TinyTeacher.Layers, fitted.LayerErrors.Count);
        Assert.All(fitted.LayerErrors.Zip(drawn.LayerErrors), pair => Assert.InRange(pair.First, 1e-3, pair.Second * 0.9));
    }

    [Fact]
    public void TheErrorThatIsToldIsThatOfTheSavedStudent()
    {
        using var teacher = new TinyTeacher();
        var text = teacher.Text(30);
        var report = StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions
        {
            KeepLayers = [0, 2],
            Groups = new StudentGroups(2, 1, 4),
            FitText = [text],
            FitTokens = 100_000,
        });
        StudentModel.Create(teacher.Path, teacher.Place("cut"), new StudentOptions { KeepLayers = [0, 2] });
        var lines = File.ReadAllLines(text);
        var (from, to) = (Hidden(teacher.Place("cut"), lines), Hidden(teacher.Place("student"), lines));
        Assert.Equal(report.FittedTokens * TinyTeacher.Width, from.Length);
        var error = Math.Sqrt(from.Zip(to).Sum(pair => Math.Pow(pair.First - pair.Second, 2)) / from.Sum(value => Math.Pow(value, 2)));
        Assert.Equal(error, report.LayerErrors[^1], 1e-5);
    }

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        using var teacher = new TinyTeacher();
        var files = new List<byte[]>();
        foreach (var threads in (int[])[1, 3])
        {
            var folder = teacher.Place($"student-{threads}");
            StudentModel.Create(teacher.Path, folder, new StudentOptions
            {
                KeepLayers = [0, 3],
                Groups = new StudentGroups(4, 2, 4),
                FitText = [teacher.Text(300), teacher.Text(300, 2)],
                FitTokens = 1500,
                Threads = threads,
            });
            files.Add(File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        }

        Assert.Equal(files[0], files[1]);
    }

    [Fact]
    public void MultiplyAddsAreThoseOfTheMatrices()
    {
        using var teacher = new TinyTeacher();
        var options = new StudentOptions { KeepLayers = [1], FitText = [teacher.Text(100)], FitTokens = 500 };
        var dense = StudentModel.Create(teacher.Path, teacher.Place("dense"), new StudentOptions { KeepLayers = [1] });
        var grouped = StudentModel.Create(teacher.Path, teacher.Place("grouped"), options with { Groups = new StudentGroups(4, 1, 4) });
        Assert.Equal((4 * 32 * 32) + (2 * 32 * 64), dense.MultiplyAddsPerToken);
        Assert.Equal((3 * 32 * 8) + (32 * 32) + (2 * 32 * 16), grouped.MultiplyAddsPerToken);
    }

    [Fact]
    public void ProgressComesToItsEndAndAnInterruptionWritesNothing()
    {
        using var teacher = new TinyTeacher();
        var options = new StudentOptions { Groups = new StudentGroups(2, 1, 2), FitText = [teacher.Text(100)], FitTokens = 500 };
        var seen = new List<StudentProgress>();
        StudentModel.Create(teacher.Path, teacher.Place("student"), options, new Steps(seen.Add));
        Assert.Equal(Enumerable.Range(1, seen[0].Total), seen.Select(step => step.Done));

        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => StudentModel.Create(
            teacher.Path, teacher.Place("never"), options, new Steps(step => source.Cancel()), source.Token));
        Assert.False(Directory.Exists(teacher.Place("never")));
    }

    [Fact]
    public void WhatIsImpossibleIsRefusedByName()
    {
        using var teacher = new TinyTeacher();
        using var distilled = new TinyTeacher("SqueezeBertModel", "squeezebert");
        var options = new StudentOptions { Groups = new StudentGroups(FeedForward: 2), FitText = [teacher.Text(10)] };
        Refuses<ArgumentException>("5 feed-forward groups do not divide the teacher's hidden_size, 32",
            options with { Groups = new StudentGroups(FeedForward: 5) });
        Refuses<ArgumentException>("0 attention groups do not divide", options with { Groups = new StudentGroups(0) });
        Refuses<ArgumentException>("3 attention output groups do not divide", options with { Groups = new StudentGroups(1, 3) });
        Refuses<ArgumentException>("fitted on text: name at least one file", options with { FitText = [] });
        Refuses<ArgumentException>("the tokens to fit on are 0; 1 to 1000000 are possible", options with { FitTokens = 0 });
        Refuses<ArgumentException>("the ridge is 0; it must be above 0", options with { Ridge = 0 });
        File.WriteAllText(teacher.Place("empty.txt"), "\n \n");
        Refuses<DataFormatException>("has no text to fit on", options with { FitText = [teacher.Place("empty.txt")] });
        Refuses<UnsupportedModelException>("needs a teacher of the model type 'bert', not 'squeezebert'", options, distilled.Path);

        void Refuses<T>(string reason, StudentOptions options, string? path = null)
            where T : Exception
        {
            var error = Assert.ThrowsAny<T>(() => StudentModel.Create(path ?? teacher.Path, teacher.Place("never"), options));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(teacher.Place("never")));
        }
    }

    /// <summary>
    /// Takes out of a teacher what a student with these groups cannot have, and mixes its neurons; returns the neuron in each place of the
    /// student.
    /// </summary>
    private static int[] BlockDiagonal(TinyTeacher teacher, int attention, int attentionOutput, int feedForward)
    {
        var neurons = new int[64];
        var tensors = new List<NamedTensor>();
        ModelConfiguration configuration;
        using (var folder = ModelFolder.Open(teacher.Path))
        {
            configuration = folder.Configuration;
            for (int group = 0, place = 0; group < feedForward; group++)
            {
                for (var neuron = 0; neuron < 64; neuron++)
                {
                    if (GroupOf(neuron) == group) neurons[place++] = neuron;
                }
            }

            foreach (var name in folder.Tensors.Names)
            {
                Assert.True(folder.Tensors.TryGetTensor(name, out var info));
                var values = Read(folder, name);
                var groups = !name.StartsWith("encoder", StringComparison.Ordinal) || info.Shape.Length != 2 ? 1
                    : name.Contains("attention.self", StringComparison.Ordinal) ? attention
                    : name.Contains("attention.output", StringComparison.Ordinal) ? attentionOutput : feedForward;
                for (var i = 0; groups > 1 && i < values.Length; i++)
                {
                    var (row, column) = (i / (int)info.Shape[1], i % (int)info.Shape[1]);
                    var to = name.Contains("intermediate", StringComparison.Ordinal) ? GroupOf(row) : row * groups / TinyTeacher.Width;
                    var from = name.Contains(".output.dense", StringComparison.Ordinal) && info.Shape[1] == 64
                        ? GroupOf(column) : column * groups / TinyTeacher.Width;
                    if (to != from) values[i] = 0;
                }

                tensors.Add(new NamedTensor(name, info.Shape.Select(size => (int)size), values));
            }
        }

        var tokenizer = BertTokenizer.Load(teacher.Path);
        ModelFolder.Save(teacher.Path, configuration, tensors, tokenizer: tokenizer);
        return neurons;

        int GroupOf(int neuron) => neuron * 7 % feedForward;
    }

    private static float[] Hidden(string folder, IReadOnlyList<string>? texts = null)
    {
        using var extractor = FeatureExtractor.Load(folder);
        return [.. (texts ?? Texts).SelectMany(text => extractor.Extract(text).Values.ToArray())];
    }

    private static float[] Read(ModelFolder folder, string name)
    {
        Assert.True(folder.Tensors.TryGetTensor(name, out var info));
        var values = new float[info.ElementCount];
        folder.Tensors.ReadFloats(name, values);
        return values;
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }

    private sealed class Steps(Action<StudentProgress> take) : IProgress<StudentProgress>
    {
        public void Report(StudentProgress value) => take(value);
    }
}
