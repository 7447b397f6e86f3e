using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Pipelines;

/// <summary>
/// Runs a first prediction with a tiny model, so that its code and types are loaded before the real model needs them. At the start of a
/// process, loading them takes longer than the prediction.
/// </summary>
internal static class WarmUp
{
    private static ReadOnlySpan<byte> Configuration => """
        {"model_type":"squeezebert","architectures":["SqueezeBertForSequenceClassification"],"vocab_size":8,"hidden_size":16,"embedding_size":16,
        "num_hidden_layers":1,"num_attention_heads":1,"intermediate_size":16,"max_position_embeddings":8,
        "hidden_dropout_prob":0.1,"id2label":{"0":"a","1":"b"},"problem_type":null}
        """u8;

    private static ReadOnlySpan<byte> Header => """{"a":{"dtype":"F16","shape":[0],"data_offsets":[0,0]}}"""u8;

    private static ReadOnlySpan<byte> Tokenizer => """
        {"added_tokens":[{"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
        "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
        "pre_tokenizer":{"type":"BertPreTokenizer"},
        "post_processor":{"type":"TemplateProcessing",
        "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
        "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},
        {"Sequence":{"id":"B","type_id":1}},
        {"SpecialToken":{"id":"[SEP]","type_id":1}}],
        "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
        "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5,"##b":6}}}
        """u8;

    /// <summary>Starts on a separate thread if there is a core for it, and does not wait.</summary>
    public static void Begin()
    {
        if (Environment.ProcessorCount < 2) return;
        new Thread(() =>
        {
            try
            {
                Run();
            }
            catch (Exception)
            {
                // What fails here (an unknown instruction set asked for) fails in the pipeline too, which tells.
            }
        })
        { IsBackground = true }.Start();
    }

    /// <summary>Runs all steps of a pipeline, in their order.</summary>
    internal static void Run()
    {
        var configuration = ModelConfiguration.Parse(Configuration, nameof(WarmUp));
        SafetensorsHeader.Parse(Header, 0, nameof(WarmUp));
        var (vocabulary, options) = TokenizerJsonReader.Parse([.. Tokenizer], nameof(WarmUp));
        var tokenizer = new BertTokenizer(vocabulary, options, nameof(WarmUp));
        using var model = new Engine(
            configuration, ModelGraph.Create(configuration, ModelHead.SequenceClassification), new FormulaParameters(),
            new EngineOptions { Threads = 1 });
        using var session = model.CreateSession(OutputNames.Logits);
        Span<int> ids = stackalloc int[8];
        var batch = new PackedBatch();
        batch.Add(ids[..tokenizer.Encode("ab a.", ids, out _)]);
        session.Run(batch);
    }
}
