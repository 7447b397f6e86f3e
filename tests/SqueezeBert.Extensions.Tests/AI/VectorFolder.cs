using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Extensions.Tests.AI;

/// <summary>A folder of sentence-transformers with prompts for queries and documents.</summary>
internal sealed class VectorFolder : IDisposable
{
    private readonly ClassifierFolder _folder;

    public VectorFolder(string model = "squeezebert-encoder")
    {
        _folder = new ClassifierFolder(model);
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "1_Pooling"));
        Write("modules.json", """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """);
        Write("1_Pooling/config.json", """{"pooling_mode": "mean", "include_prompt": true}""");
        Write("sentence_bert_config.json", """{"max_seq_length": 30, "do_lower_case": false}""");
        Write("config_sentence_transformers.json", """{"prompts": {"query": "the film: ", "document": "very: "}}""");
    }

    public string Path => _folder.Path;

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);
}
