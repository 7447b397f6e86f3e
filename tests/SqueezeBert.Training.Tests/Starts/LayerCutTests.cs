using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Tests.Starts;

public sealed class LayerCutTests
{
    private static readonly string[] Texts = ["The film was very good.", "a man is playing guitar", "dog", ""];

    [Fact]
    public void ACutHasTheVectorsOfAFolderThatIsMadeByHand()
    {
        using var teacher = new TinyTeacher();
        var report = StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions { KeepLayers = [0, 2, 3] });
        Assert.Equal([0, 2, 3], report.KeptLayers);

        // By hand: the third layer takes the place of the second, the fourth of the third.
        using var folder = ModelFolder.Open(teacher.Path);
        var tensors = folder.Tensors.Names.Where(name => !name.Contains("layer.1.", StringComparison.Ordinal)).Select(name =>
        {
            Assert.True(folder.Tensors.TryGetTensor(name, out var info));
            var values = new float[info.ElementCount];
            folder.Tensors.ReadFloats(name, values);
            return new NamedTensor(name.Replace("layer.2.", "layer.1.").Replace("layer.3.", "layer.2."),
                info.Shape.Select(size => (int)size), values);
        }).ToList();
        var byHand = teacher.Place("by-hand");
        ModelFolder.Save(byHand, folder.Configuration with { LayerCount = 3 }, tensors, tokenizer: BertTokenizer.Load(teacher.Path));
        Assert.Equal(Hidden(byHand), Hidden(teacher.Place("student")));
        Assert.NotEqual(Hidden(teacher.Path), Hidden(teacher.Place("student")));
        Assert.Equal(report.ParameterCount, tensors.Sum(tensor => tensor.Data.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0_Transformer")]
    public void AStudentOfAllLayersIsItsTeacher(string encoder)
    {
        using var teacher = new TinyTeacher(encoder: encoder);
        StudentModel.Create(teacher.Path, teacher.Place("student"));
        Assert.Equal(Vectors(teacher.Path), Vectors(teacher.Place("student")));

        using var student = TextEmbedder.Load(teacher.Place("student"));
        Assert.Equal((SentencePooling.Max, true, 11, "query"), (student.Settings.Pooling, student.Settings.Normalize, student.MaxLength,
            student.Settings.DefaultPromptName));
        Assert.True(Directory.Exists(teacher.Place("student/2_Normalize")) == Directory.Exists(Path.Combine(teacher.Path, "2_Normalize")));
    }

    [Theory]
    [InlineData("squeezebert", "SqueezeBertForSequenceClassification")]
    [InlineData("distilbert", "DistilBertForMaskedLM")]
    [InlineData("mobilebert", "MobileBertForTokenClassification")]
    [InlineData("squeezebert-separable", "SqueezeBertSeparableModel")]
    public void EveryArchitectureAndHeadCanBeCut(string type, string architecture)
    {
        using var teacher = new TinyTeacher(architecture, type, change: fields =>
        {
            if (type == "mobilebert") fields["intra_bottleneck_size"] = TinyTeacher.Width;
            if (type == "squeezebert-separable") fields["convolution_kernel_sizes"] = new JsonArray(3, 5);
            if (type != "distilbert") return;
            foreach (var (name, own) in new[] { ("hidden_size", "dim"), ("num_attention_heads", "n_heads"),
                ("num_hidden_layers", "n_layers"), ("intermediate_size", "hidden_dim") })
            {
                fields[own] = fields[name]!.DeepClone();
                fields.Remove(name);
            }
        });
        StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions { KeepLayers = [1, 3] });
        using var student = ModelFolder.Open(teacher.Place("student"));
        using var source = ModelFolder.Open(teacher.Path);
        Assert.Empty(student.CompareWeights().Missing);
        Assert.Equal((2, architecture), (student.Configuration.LayerCount, student.Configuration.Architectures[0]));
        var layers = student.Tensors.Names.Any(name => name.Contains(".layers.1.", StringComparison.Ordinal)) ? "layers" : "layer";
        var name = student.Tensors.Names.First(
            name => name.Contains($".{layers}.1.", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal));
        Assert.Equal(Read(source, name.Replace($".{layers}.1.", $".{layers}.3.", StringComparison.Ordinal)), Read(student, name));
        Assert.NotEqual(Read(source, name), Read(student, name));
    }

    [Theory]
    [InlineData("there is no layer 4 to keep: the teacher's 4 layers are 0 to 3", 0, 4)]
    [InlineData("there is no layer -1 to keep", -1, 3)]
    [InlineData("the layers to keep must ascend: 1 follows 2", 2, 1)]
    [InlineData("the layers to keep must ascend: 2 follows 2", 2, 2)]
    [InlineData("no layer is kept")]
    public void ImpossibleLayersAreRefused(string reason, params int[] layers)
    {
        using var teacher = new TinyTeacher();
        var error = Assert.Throws<ArgumentException>(
            () => StudentModel.Create(teacher.Path, teacher.Place("student"), new StudentOptions { KeepLayers = layers }));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(teacher.Place("student")));
    }

    [Fact]
    public void AFolderWithAModelIsLeftAlone()
    {
        using var teacher = new TinyTeacher();
        var before = File.ReadAllBytes(Path.Combine(teacher.Path, "model.safetensors"));
        var error = Assert.Throws<InvalidModelFileException>(
            () => StudentModel.Create(teacher.Path, teacher.Path, new StudentOptions { KeepLayers = [0] }));
        Assert.Contains("has a config.json already", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(teacher.Path, "model.safetensors")));
    }

    private static float[] Vectors(string folder)
    {
        using var embedder = TextEmbedder.Load(folder);
        return [.. Texts.SelectMany(text => embedder.Embed(text).Vector.ToArray())];
    }

    /// <summary>Vectors without the settings of a sentence encoder, which a folder made by hand does not have.</summary>
    private static float[] Hidden(string folder)
    {
        using var extractor = FeatureExtractor.Load(folder);
        return [.. Texts.SelectMany(text => extractor.Extract(text).Values.ToArray())];
    }

    private static float[] Read(ModelFolder folder, string name)
    {
        Assert.True(folder.Tensors.TryGetTensor(name, out var info));
        var values = new float[info.ElementCount];
        folder.Tensors.ReadFloats(name, values);
        return values;
    }
}
