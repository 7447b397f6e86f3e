// Stand-in until the checkpoint reader lands; that change deletes this file.
#pragma warning disable
using System.Text.Json.Nodes;
using System.Text.Json;
using SqueezeBert.Models;
namespace SqueezeBert.Checkpoints;
public abstract class ModelConfiguration {
  public JsonObject J; 
  int I(string k,int d)=>J[k] is {} n?(int)n:d; double D(string k,double d)=>J[k] is {} n?(double)n:d; bool B(string k,bool d)=>J[k] is {} n?(bool)n:d;
  public string ModelType=>(string)J["model_type"]; public IReadOnlyList<string> Architectures=>J["architectures"] is JsonArray a?a.Select(x=>(string)x).ToList():[];
  public int VocabularySize=>I("vocab_size",30522); public int HiddenSize=>I("hidden_size",768); public int EmbeddingSize=>I("embedding_size",768); public int LayerCount=>I("num_hidden_layers",12); public int HeadCount=>I("num_attention_heads",12); public int IntermediateSize=>I("intermediate_size",3072);
  public Activation HiddenActivation=>(string)J["hidden_act"] switch {"gelu"=>Activation.Gelu,"relu"=>Activation.Relu,"gelu_new"=>Activation.GeluTanh,_=>throw new Exception()};
  public double HiddenDropout=>D("hidden_dropout_prob",.1); public double AttentionDropout=>D("attention_probs_dropout_prob",.1); public double? ClassifierDropout=>null; public int MaxPositionEmbeddings=>I("max_position_embeddings",512); public int TypeVocabularySize=>I("type_vocab_size",2); public double LayerNormEpsilon=>D("layer_norm_eps",1e-12); public int PadTokenId=>I("pad_token_id",0);
  public IReadOnlyList<string> Labels=>J["id2label"] is JsonObject o?o.Select(x=>(string)x.Value).ToList():["a","b"];
  public int QueryGroups=>I("q_groups",4); public int KeyGroups=>I("k_groups",4); public int ValueGroups=>I("v_groups",4); public int PostAttentionGroups=>I("post_attention_groups",1);public int IntermediateGroups=>I("intermediate_groups",4);public int OutputGroups=>I("output_groups",4);
  public IReadOnlyList<int> ConvolutionKernelSizes=>J["convolution_kernel_sizes"].AsArray().Select(x=>(int)x).ToList(); public int ConvolutionGroups=>I("convolution_groups",1);
  public bool TrigramInput=>B("trigram_input",true); public bool UseBottleneck=>B("use_bottleneck",true);public bool UseBottleneckAttention=>B("use_bottleneck_attention",false);public bool KeyQuerySharedBottleneck=>B("key_query_shared_bottleneck",true);public int TrueHiddenSize=>I("true_hidden_size",128);public int IntraBottleneckSize=>I("intra_bottleneck_size",128);public int FeedForwardCount=>I("num_feedforward_networks",4);public bool ClassifierActivation=>B("classifier_activation",true);
  public string NormalizationType=>(string)J["normalization_type"];
  public static ModelConfiguration Load(string f){var j=JsonNode.Parse(File.ReadAllText(Path.Combine(f,"config.json"))).AsObject(); ModelConfiguration c=(string)j["model_type"] switch{"squeezebert"=>new SqueezeBertConfiguration(),"bert"=>new BertConfiguration(),"mobilebert"=>new MobileBertConfiguration(),"distilbert"=>new DistilBertConfiguration(),_=>new SeparableConfiguration()}; c.J=j; return c;}
}
public class SqueezeBertConfiguration:ModelConfiguration{} public class BertConfiguration:ModelConfiguration{} public class MobileBertConfiguration:ModelConfiguration{} public class DistilBertConfiguration:ModelConfiguration{} public class SeparableConfiguration:ModelConfiguration{}
