using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Training.Starts;

/// <summary>A saved model that a student is made of: weights, configuration, tokenizer, the files of a sentence encoder.</summary>
internal sealed class TeacherModel : IDisposable
{
    /// <param name="path">A model's folder, that of a sentence encoder too, or an ONNX file.</param>
    /// <exception cref="InvalidModelFileException">A file is missing or damaged, or they do not fit each other.</exception>
    /// <exception cref="SqueezeBert.Checkpoints.UnsupportedModelException">The head is not supported.</exception>
    public TeacherModel(string path)
    {
        Sentence = new SentenceFiles(path);
        Tokenizer = BertTokenizer.Load(ModelFolder.FolderOf(Sentence.ModelPath));
        Folder = ModelFolder.Open(Sentence.ModelPath);
        try
        {
            if (!ModelGraph.ReadingOf(Configuration).HasSpecialTokens)
                throw new NotSupportedException($"{path} is a table of static embeddings; a teacher is an encoder with layers");
            SpecialTokens.RequireTemplate(Tokenizer, path);
            Head = ModelGraph.HeadOf(Configuration);
            RequirePooling(path);
            HasPooler = Head != ModelHead.None || Folder.TryFind("pooler.dense.weight", out _);
            Folder.Weights.Require(ModelGraph.Create(Configuration, Head, hasPooler: HasPooler).Parameters);
        }
        catch
        {
            Folder.Dispose();
            throw;
        }
    }

    public SentenceFiles Sentence { get; }

    public BertTokenizer Tokenizer { get; }

    public ModelFolder Folder { get; }

    public ModelConfiguration Configuration => Folder.Configuration;

    public ModelHead Head { get; }

    /// <summary>Whether the checkpoint has a pooler: a bare encoder can do without.</summary>
    public bool HasPooler { get; }

    /// <summary>The values of a parameter.</summary>
    /// <param name="name">The teacher's name, with the base model's prefix or without.</param>
    /// <param name="like">A parameter of the same shape.</param>
    public float[] Read(string name, Parameter like)
    {
        var values = new float[like.Length];
        Folder.Weights.Read(new Parameter(name, like.Kind, [.. like.Shape]), values);
        return values;
    }

    public void Dispose() => Folder.Dispose();

    // An ONNX file without a head does not say how its tokens become a vector, and a guess would be learnt.
    private void RequirePooling(string path)
    {
        var location = ModelLocation.Of(path);
        if (location.OnnxFile is null || Head != ModelHead.None || SentenceEncoderSettings.Exists(location.Folder)) return;
        throw new InvalidModelFileException(
            location.OnnxFile,
            null,
            $"does not say how tokens become a vector, and there is no {SentenceEncoderSettings.ModulesFile} in {location.Folder}; " +
                "make a folder of it first with 'squeezebert convert', which takes --pooling or --no-pooling, and name that");
    }
}
